import type { ImageTensorOptions } from "../../src/image/image-tensor.ts";
import { imageTensor } from "../../src/image/image-tensor.ts";
import { openImage } from "../../src/image/open-image.ts";
import type { LookupTensor } from "../../src/tensor/lookup-tensor.ts";
import { describeWithShared, readShared, sha256, sharedValues } from "./shared-clothing.ts";

interface Described {
  readonly shape: readonly number[];
  readonly sha256: string;
  /** Of the bytes before scaling, in the order of Pillow up to 12.3. */
  readonly pixels_sha256_horizontal_first: string;
}

function optionsOf(pipeline: string): ImageTensorOptions {
  const [, mode, resample, side] = /^keras-(tf|caffe)-(\w+)-(\d+)$/.exec(pipeline) ?? [];
  if (mode === undefined) {
    return { size: [224, 224], scaling: "torch", layout: "NCHW", resample: "bilinear", shorterSide: 256 };
  }
  const size = [Number(side), Number(side)] as const;
  return {
    size,
    scaling: mode as "tf" | "caffe",
    resample: resample as "nearest" | "bilinear" | "bicubic" | "lanczos",
  };
}

describeWithShared("photos, compared with Pillow 13.0 and numpy", () => {
  const tensors = sharedValues<Record<string, Described>>("reference", "tensors.json");

  test.each(Object.keys(sharedValues("reference", "decoded.json")))("%s decodes to equal pixels", async (file) => {
    const expected = sharedValues<Described>("reference", "decoded.json")[file];
    const image = await openImage(readShared("photos", file));
    const pixels = await image.decode();
    expect([pixels.height, pixels.width, 3]).toEqual(expected?.shape);
    expect(sha256(pixels.data)).toBe(expected?.sha256);
  });

  test.each(Object.keys(tensors))("%s becomes the same float32 bits in every pipeline", async (file) => {
    const image = await openImage(readShared("photos", file));
    const differing: string[] = [];
    for (const [pipeline, expected] of Object.entries(tensors[file] ?? {})) {
      const tensor = await imageTensor("image", [image], optionsOf(pipeline));
      expect(tensor.shape).toEqual(expected.shape);
      if (sha256(new Uint8Array(tensor.data.buffer)) !== expected.sha256) differing.push(pipeline);
      if (!pipeline.startsWith("keras-tf")) continue;
      const older = await imageTensor("image", [image], { ...optionsOf(pipeline), pillow: 12 });
      const { bytes } = older as LookupTensor;
      if (sha256(bytes) !== expected.pixels_sha256_horizontal_first) differing.push(`${pipeline} of older Pillow`);
    }
    expect(differing).toEqual([]);
  });
});
