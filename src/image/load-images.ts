import { InferenceError, invalidArgument } from "../errors.ts";
import type { InferRequest } from "../inference/infer-request.ts";
import type { GuardedFetch } from "../inference/request-context.ts";
import type { Threads } from "../inference/threads.ts";
import type { WorkSlots } from "../inference/work-slots.ts";
import { Turns } from "../turns.ts";
import type { Image } from "./image.ts";
import type { ImageSource } from "./image-source.ts";
import { mapConcurrently } from "./map-concurrently.ts";
import { type OpenImageOptions, openImage } from "./open-image.ts";
import { TextSource } from "./text-source.ts";

export interface LoadImageOptions extends OpenImageOptions {
  /** Largest file. @default the limit of context.fetch for downloads, of the request for the rest */
  readonly maxBytes?: number;
}

export interface LoadImagesOptions extends LoadImageOptions {
  /** Images that are loaded at a time. @default 8 */
  readonly concurrency?: number;
  /** Images of one request. @default 128 */
  readonly maxImages?: number;
  /** Files of one request together, which are in memory until their pixels are. @default 134217728 (128 MiB) */
  readonly maxTotalBytes?: number;
}

/** The part of a request's context that loading takes. */
export interface LoadImageContext {
  readonly fetch: GuardedFetch;
  /** Names the place of a bad row in the client's own form. */
  readonly request?: InferRequest;
  /** Bounds the pictures that are decoded on the event loop at a time, over all requests. */
  readonly slots?: WorkSlots;
  /** Decode and resize the pictures, where there are any. */
  readonly threads?: Threads;
  /** When it aborts, pictures that wait for a thread are not decoded. */
  readonly signal?: AbortSignal;
}

/**
 * The images of a request's rows, in order: downloaded or taken from the request, their headers checked. Pixels are decoded
 * later, so that a request holds its files in memory and not all its pixels.
 * @throws InferenceError that names the row: `instances[3].url: …`.
 */
export async function loadImages(
  sources: readonly ImageSource[],
  context: LoadImageContext,
  options: LoadImagesOptions = {},
): Promise<Image[]> {
  const { concurrency = 8, maxImages = 128, maxTotalBytes = 128 * 1024 * 1024 } = options;
  if (sources.length > maxImages) throw tooLarge(`${sources.length} images: more than the limit of ${maxImages}`);
  let totalBytes = 0;
  return mapConcurrently(sources, concurrency, async (source, index) => {
    const name = (): string => placeOf(context.request, index, source.field);
    try {
      const bytes = await readSource(source, context, options);
      totalBytes += bytes.length;
      if (totalBytes > maxTotalBytes) throw tooLarge(`images larger than the limit of ${maxTotalBytes} bytes together`);
      return nameFailures(await openImage(bytes, options, context), name);
    } catch (error) {
      throw named(error, name);
    }
  });
}

/**
 * One image; see loadImages.
 * @throws InferenceError invalid_argument, unsupported_media_type or payload_too_large.
 */
export async function loadImage(
  source: ImageSource,
  context: LoadImageContext,
  options: LoadImageOptions = {},
): Promise<Image> {
  return openImage(await readSource(source, context, options), options, context);
}

async function readSource(
  source: ImageSource,
  context: LoadImageContext,
  { maxBytes }: LoadImageOptions,
): Promise<Uint8Array> {
  if (source.url !== undefined) {
    const { status, body } = await context.fetch(source.url, maxBytes === undefined ? {} : { maxBytes });
    if (status !== 200) throw invalidArgument(`the URL answered with status ${status}, expected 200`);
    return body;
  }
  const bytes = source instanceof TextSource ? await source.read(new Turns(context.signal)) : source.bytes;
  if (maxBytes === undefined || bytes.length <= maxBytes) return bytes;
  throw tooLarge(`image of ${bytes.length} bytes: larger than the limit of ${maxBytes} bytes`);
}

function tooLarge(message: string): InferenceError {
  return new InferenceError(message, { code: "payload_too_large" });
}

/** The image with failures of its decoding named like failures of its loading. */
function nameFailures(image: Image, name: () => string): Image {
  const naming =
    <Argument, Result>(work: (argument: Argument) => Promise<Result>) =>
    (argument: Argument): Promise<Result> =>
      work(argument).catch((error: unknown) => {
        throw named(error, name);
      });
  const { decode, decodeAsTensorflow, inThread } = image;
  return {
    ...image,
    decode: naming(decode),
    ...(decodeAsTensorflow && { decodeAsTensorflow: naming(decodeAsTensorflow) }),
    ...(inThread && { inThread: naming(inThread) }),
  };
}

function named(error: unknown, name: () => string): unknown {
  if (!InferenceError.isInstance(error)) return error;
  return new InferenceError(`${name()}: ${error.message}`, { code: error.code, status: error.status, cause: error });
}

function placeOf(request: InferRequest | undefined, index: number, field: string | undefined): string {
  const content = request?.content;
  if (content === undefined || (content.values.native === "rows" && content.columnar !== true)) {
    return field === undefined ? `instances[${index}]` : `instances[${index}].${field}`;
  }
  return field === undefined ? `inputs[${index}]` : `inputs.${field}[${index}]`;
}
