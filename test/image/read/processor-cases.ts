import { createImagePipeline, type PreparedImages } from "../../../src/image/pipeline/create-image-pipeline.ts";
import { readHuggingFaceProcessor } from "../../../src/image/read/hugging-face.ts";
import { sourceOf } from "../backend/resize-cases.ts";
import { sha256 } from "../shared-clothing.ts";

/** Made by test/servers/parity/image_processors.py. */
export interface ProcessorCases {
  readonly library: string;
  readonly sizes: readonly PictureSize[];
  readonly cases: readonly ProcessorCase[];
}

export interface ProcessorCase {
  readonly configuration: object;
  readonly backend: "pillow" | "torch";
  /** Null for one that transformers refuses. */
  readonly pictures: readonly (Digest | null)[];
  /** All pictures in one call, filled up to one size. */
  readonly together?: { readonly pixels: Digest; readonly mask: Digest };
}

export interface Digest {
  readonly shape: readonly number[];
  readonly sha256: string;
  /** Where its values begin in values.bin, of a run that keeps them. */
  readonly offset?: number;
}

/** Is told the values of each tensor, to be measured against those of Python. */
export type Measure = (ours: Float32Array, theirs: Digest) => void;

type PictureSize = readonly [width: number, height: number];

export const pictureOf = ([width, height]: PictureSize, seed: number) =>
  sourceOf({ from: [width, height, 3], seed, to: [1, 1], method: "", offset: 0, sha256: "" });

export function digestOf(shape: readonly number[], values: ArrayBufferView): Digest {
  return { shape, sha256: sha256(new Uint8Array(values.buffer, values.byteOffset, values.byteLength)) };
}

/** The values that this package makes of pictures: their digest, and that of their mask. */
export async function prepare(
  { configuration, backend }: Pick<ProcessorCase, "configuration" | "backend">,
  pictures: readonly ReturnType<typeof pictureOf>[],
): Promise<{ readonly pixels: Digest; readonly values: Float32Array; readonly mask: Digest | undefined }> {
  const pipeline = createImagePipeline(readHuggingFaceProcessor(configuration, { backend }));
  const { tensor, pixelMask }: PreparedImages = await pipeline.run("pixel_values", pictures);
  const mask = pixelMask && digestOf(pixelMask.shape, pixelMask.data);
  const values = Float32Array.from(tensor.data);
  return { pixels: digestOf(tensor.shape, values), values, mask };
}

/** What is not as in Python, a line each. */
export async function differences({ sizes, cases }: ProcessorCases, measure?: Measure): Promise<string[]> {
  const wrong: string[] = [];
  const pictures = sizes.map(pictureOf);
  for (const given of cases) {
    const say = (what: string): number =>
      wrong.push(`${given.backend}, ${what}: ${JSON.stringify(given.configuration)}`);
    for (const [index, expected] of given.pictures.entries()) {
      const got = await prepare(given, [pictures[index] as (typeof pictures)[number]]).catch(() => null);
      if (got && expected) measure?.(got.values, expected);
      if (!isSame(got?.pixels ?? null, expected)) say(`picture ${index} of ${sizes[index]?.join(" × ")}`);
    }
    if (given.together === undefined) continue;
    const { pixels, values, mask } = await prepare(given, pictures);
    measure?.(values, given.together.pixels);
    if (!isSame(pixels, given.together.pixels)) say("all pictures");
    if (!isSame(mask ?? null, given.together.mask)) say("the mask of all pictures");
  }
  return wrong;
}

function isSame(one: Digest | null, other: Digest | null): boolean {
  return one?.sha256 === other?.sha256 && one?.shape.join() === other?.shape.join();
}
