import { InferenceError, invalidArgument } from "../../errors.ts";

/** Data that begins like a `format` and cannot be read to its end. */
export function brokenData(format: string, cause?: unknown): InferenceError {
  return invalidArgument(`the ${format} data is broken or incomplete`, cause);
}

/** A sound file of a kind that is not read: `what` says which. */
export function unsupportedKind(what: string): InferenceError {
  return new InferenceError(what, { code: "unsupported_media_type" });
}

/** What `read` gives; a look beyond the end of the file is broken data. */
export function readWithin<T>(format: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof RangeError ? brokenData(format, error) : error;
  }
}
