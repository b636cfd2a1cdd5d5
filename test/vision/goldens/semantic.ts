import { createTensor, type Tensor } from "kserve-transformer";
import { decodeSemantic } from "kserve-transformer/vision";
import { digest, readFixture, uniform } from "../computed.ts";
import { type Golden, Tally } from "./golden.ts";

/** Made by test/servers/parity/segmentation_cases.py. */
interface Fixture {
  readonly library: string;
  readonly cases: readonly SemanticCase[];
}

interface SemanticCase {
  readonly seed: number;
  readonly shape: readonly [number, number, number, number];
  readonly sizes: readonly (readonly [height: number, width: number])[];
  readonly stepped: boolean;
  readonly maps: readonly string[];
}

const { library, cases } = readFixture<Fixture>("segmentation.json");
export const semanticCases = cases;
const { fround, floor } = Math;

export function logitsOf({ seed, shape, stepped }: SemanticCase): Tensor {
  const count = shape.reduce((product, side) => product * side, 1);
  const values = uniform(seed, count).map((value) => fround(fround(value * 12) - 6));
  return createTensor("logits", "FP32", shape, stepped ? values.map((value) => floor(fround(value / 1.5))) : values);
}

/** The class of every pixel of 20 pictures. */
export async function semanticMaps(): Promise<Golden[]> {
  const tally = new Tally();
  for (const given of cases) {
    const sizes = given.sizes.map(([height, width]) => ({ width, height }));
    const maps = await decodeSemantic(logitsOf(given), sizes);
    const pixels = sizes.reduce((sum, { width, height }) => sum + width * height, 0);
    tally.equal(
      `seed ${given.seed}`,
      maps.map(({ classes }) => digest(classes)),
      given.maps,
      pixels,
    );
  }
  return [tally.finish(library, "`post_process_semantic_segmentation`", "pixels")];
}
