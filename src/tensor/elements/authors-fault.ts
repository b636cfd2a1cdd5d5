import { InferenceError } from "../../errors.ts";

/** What an author wrote wrong is no mistake of the client's: 500, and the log has the stack. */
export function authorsFault(message: string): InferenceError {
  return startAtAuthor(new InferenceError(message, { code: "internal" }));
}

/**
 * The error with a stack that starts at the author's own line: the frames of this package above it say nothing of the
 * mistake, and test runners show the code around the first. Without an own frame the stack stays whole.
 */
export function startAtAuthor<E extends Error>(error: E): E {
  const lines = (error.stack ?? "").split("\n");
  const top = lines.findIndex((line) => FRAME.test(line));
  const own = lines.findIndex((line) => FRAME.test(line) && !isForeign(line));
  if (top >= 0 && own > top) error.stack = [...lines.slice(0, top), ...lines.slice(own)].join("\n");
  return error;
}

const FRAME = /^\s+at .*:\d+:\d+\)?$/;
const PACKAGE = new URL("../../", import.meta.url);

/** Of this package or of Node; stacks name files by URL or, under a test runner, by path. */
function isForeign(frame: string): boolean {
  return ["node:", PACKAGE.href, decodeURIComponent(PACKAGE.pathname)].some((part) => frame.includes(part));
}
