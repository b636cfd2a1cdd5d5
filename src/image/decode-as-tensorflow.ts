import type { EncodedImage } from "./encoded-image.ts";
import type { Pixels } from "./image.ts";

/** The pixels that TensorFlow's decode_image makes of a JPEG, RGB or grey, which then stands three times; it turns nothing. */
export async function decodeAsTensorflow(encoded: EncodedImage, mode: "RGB" | "L"): Promise<Pixels> {
  // At the first such picture: most services have none.
  const { decodeTensorflowJpeg } = await import("./decode/jpeg/tensorflow-jpeg.ts");
  return decodeTensorflowJpeg(encoded.bytes, mode === "L" ? 1 : 3, encoded.width * encoded.height);
}
