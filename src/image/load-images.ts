import { InferenceError } from "../errors.ts";
import type { InferRequest } from "../inference/infer-request.ts";
import type { GuardedFetch } from "../inference/request-context.ts";
import type { Image } from "./image.ts";
import type { ImageSource } from "./image-source.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import { type OpenImageOptions, openImage } from "./open-image.ts";

export interface LoadImageOptions extends OpenImageOptions {
  /** Largest file. @default the limit of context.fetch for downloads, of the request for the rest */
  readonly maxBytes?: number;
}

export interface LoadImagesOptions extends LoadImageOptions {
  /** Images that are loaded at a time. @default 8 */
  readonly concurrency?: number;
}

/** The part of a request's context that loading takes. */
export interface LoadImageContext {
  readonly fetch: GuardedFetch;
  /** Names the place of a bad row in the client's own form. */
  readonly request?: InferRequest;
}

/**
 * The images of a request's rows, in order: downloaded or taken from the request, their headers checked. Pixels are decoded
 * later, so that a request holds its files in memory and not all its pixels.
 * @throws InferenceError that names the row: `instances[3].url: …`.
 */
export function loadImages(
  sources: readonly ImageSource[],
  context: LoadImageContext,
  options: LoadImagesOptions = {},
): Promise<Image[]> {
  return mapConcurrently(sources, options.concurrency ?? 8, (source, index) => {
    const name = (): string => placeOf(context.request, index, source.field);
    return load(source, context, options).then((image) => nameFailures(image, name), rethrowAt(name));
  });
}

/**
 * One image; see loadImages.
 * @throws InferenceError invalid_argument, unsupported_media_type or payload_too_large.
 */
export function loadImage(
  source: ImageSource,
  context: LoadImageContext,
  options: LoadImageOptions = {},
): Promise<Image> {
  return load(source, context, options);
}

async function load(source: ImageSource, context: LoadImageContext, options: LoadImageOptions): Promise<Image> {
  const { maxBytes } = options;
  if (source.bytes !== undefined) {
    if (maxBytes !== undefined && source.bytes.length > maxBytes) {
      throw new InferenceError(`image of ${source.bytes.length} bytes: larger than the limit of ${maxBytes} bytes`, {
        code: "payload_too_large",
      });
    }
    return openImage(source.bytes, options);
  }
  const { status, body } = await context.fetch(source.url, maxBytes === undefined ? {} : { maxBytes });
  if (status !== 200) {
    throw new InferenceError(`the URL answered with status ${status}, expected 200`, { code: "invalid_argument" });
  }
  return openImage(body, options);
}

/** The image with failures of its decoding named like failures of its loading. */
function nameFailures(image: Image, name: () => string): Image {
  return { ...image, decode: (resize) => image.decode(resize).catch(rethrowAt(name)) };
}

function rethrowAt(name: () => string): (error: unknown) => never {
  return (error) => {
    if (!InferenceError.isInstance(error)) throw error;
    throw new InferenceError(`${name()}: ${error.message}`, { code: error.code, status: error.status, cause: error });
  };
}

function placeOf(request: InferRequest | undefined, index: number, field: string | undefined): string {
  const content = request?.content;
  if (content === undefined || (content.values.native === "rows" && content.columnar !== true)) {
    return field === undefined ? `instances[${index}]` : `instances[${index}].${field}`;
  }
  return field === undefined ? `inputs[${index}]` : `inputs.${field}[${index}]`;
}
