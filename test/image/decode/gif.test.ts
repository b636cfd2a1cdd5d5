import { openImage } from "../../../src/image/open-image.ts";
import { readFixture } from "../image-fixtures.ts";
import { sha256 } from "../shared-clothing.ts";

/** Made by test/fixtures/image/make_gif.py. */
interface Expected {
  readonly library: string;
  readonly files: readonly {
    readonly gif: string;
    readonly size?: readonly number[];
    readonly sha256: string | null;
  }[];
}

const { library, files }: Expected = JSON.parse(readFixture("gif.json").toString("utf8"));

test(`120 GIFs of many kinds have ${library}'s pixels, and what it refuses is refused`, async () => {
  const wrong: number[] = [];
  for (const [index, { gif, size, sha256: expected }] of files.entries()) {
    const pixels = await openImage(Buffer.from(gif, "base64"))
      .then((image) => image.decode())
      .catch(({ code }) => code);
    if (expected === null ? pixels !== "invalid_argument" && pixels !== "unsupported_media_type" : false)
      wrong.push(index);
    if (expected === null) continue;
    const same = typeof pixels !== "string" && sha256(pixels.data).startsWith(expected);
    if (!same || size?.join() !== `${pixels.width},${pixels.height}`) wrong.push(index);
  }
  expect(files.filter(({ sha256 }) => sha256 !== null).length).toBeGreaterThan(80);
  expect(wrong).toEqual([]);
});

test("a canvas beyond the limit is refused before anything is decoded", async () => {
  const bomb = Buffer.from("474946383961ffffffff000000" + "2c00000000ffffffff00" + "0802" + "8c2d00", "hex");
  await expect(openImage(bomb)).rejects.toMatchObject({ code: "payload_too_large" });
});

test.each([
  ["a header alone", "47494638396101000100000000"],
  ["no frame", "474946383961010001000000003b"],
  ["codes that end at once", "47494638396101000100000000" + "2c0000000001000100000200"],
  ["a frame of no pixels", "47494638396101000100000000" + "2c00000000000001000002024401003b"],
  ["pixels of 13 bits", "47494638396101000100000000" + "2c0000000001000100000d024401003b"],
])("%s is broken data", async (_name, hex) => {
  const opened = openImage(Buffer.from(hex, "hex")).then((image) => image.decode());
  await expect(opened).rejects.toMatchObject({ code: "invalid_argument" });
});
