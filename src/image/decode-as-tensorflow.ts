import { assertTensorflowReads } from "./decode/assert-tensorflow-reads.ts";
import { decodeImage, type EncodedImage } from "./encoded-image.ts";
import type { Pixels } from "./image.ts";

/**
 * The pixels that TensorFlow's decode_image makes of a file, RGB or grey, which then stands three times; it turns nothing.
 * @throws InferenceError unsupported_media_type for what it does not read, or reads otherwise than it is read here.
 */
export async function decodeAsTensorflow(encoded: EncodedImage, mode: "RGB" | "L"): Promise<Pixels> {
  const { bytes, format, width, height } = encoded;
  if (format !== "jpeg") {
    assertTensorflowReads({ bytes, format }, mode);
    return decodeImage(encoded);
  }
  // At the first such picture: most services have none.
  const { decodeTensorflowJpeg } = await import("./decode/jpeg/tensorflow-jpeg.ts");
  return decodeTensorflowJpeg(bytes, mode === "L" ? 1 : 3, width * height);
}
