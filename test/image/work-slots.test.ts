import type { Image } from "../../src/image/image.ts";
import { imageTensor } from "../../src/image/image-tensor.ts";
import { WorkSlots } from "../../src/inference/work-slots.ts";

/** An image that says when its pixels are asked for. */
function pictured(asked: string[], name: string, slots: WorkSlots): Image & { finish(): void } {
  let finish = (): void => undefined;
  const pixels = new Promise<void>((resolve) => {
    finish = resolve;
  });
  return {
    format: "png",
    width: 2,
    height: 2,
    slots,
    finish,
    decode: async () => {
      asked.push(name);
      await pixels;
      return { width: 2, height: 2, data: new Uint8Array(12) };
    },
  };
}

const turns = async (): Promise<void> => {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
};

test("no more pictures are decoded at a time than there are slots, whatever request they came with", async () => {
  const slots = new WorkSlots(2);
  const asked: string[] = [];
  const images = ["a", "b", "c", "d"].map((name) => pictured(asked, name, slots));
  const requests = images.map((image) => imageTensor("x", [image], { size: [1, 1], scaling: "plain" }));
  await turns();
  expect(asked).toEqual(["a", "b"]);
  images[1]?.finish();
  await turns();
  expect(asked).toEqual(["a", "b", "c"]);
  for (const image of images) image.finish();
  await Promise.all(requests);
  expect(asked).toEqual(["a", "b", "c", "d"]);
});

test("work that fails gives its slot back", async () => {
  const slots = new WorkSlots(1);
  await expect(slots.run(() => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await slots.run(async () => "yes")).toBe("yes");
});
