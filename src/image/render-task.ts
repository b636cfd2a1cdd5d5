import { decodeImage, type EncodedImage } from "./encoded-image.ts";
import type { RenderSpec } from "./image.ts";
import { renderImage } from "./render-pixels.ts";

/** What a thread is told of one image. */
export interface RenderTask {
  readonly encoded: EncodedImage;
  readonly spec: RenderSpec;
}

/** Runs in a thread: decode, resize, cut and arrange, where nobody waits for the event loop. */
export default function renderTask({ encoded, spec }: RenderTask): Promise<Uint8Array> {
  const { width, height } = encoded;
  return renderImage({ width, height, decode: (resize) => decodeImage(encoded, resize) }, spec);
}
