import { decodeAsTensorflow } from "../decode-as-tensorflow.ts";
import { decodeImage, type EncodedImage } from "../encoded-image.ts";
import { type PlaceSpec, placePixels } from "./place-pixels.ts";
import type { PlacedRaster } from "./spatial-steps.ts";

/** What a thread is told of one image. */
export interface PlaceTask {
  readonly encoded: EncodedImage;
  readonly spec: PlaceSpec;
}

/** Runs in a thread: decode and the steps up to the values, where nobody waits for the event loop. */
export default async function placeTask({ encoded, spec }: PlaceTask): Promise<PlacedRaster> {
  const isTensorflow = spec.decoder === "tensorflow";
  return placePixels(await (isTensorflow ? decodeAsTensorflow(encoded, spec.mode) : decodeImage(encoded)), spec);
}
