import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

/** Photos and what Python computes from them; they lie beside the checkout and are not part of it. */
const folder = join(process.env["KSERVE_TRANSFORMER_SHARED"] ?? resolve("..", "shared"), "clothing");

/** `describe`, or `describe.skip` where the shared folder is missing. */
export const describeWithShared: typeof describe.skip = existsSync(folder) ? describe : describe.skip;

export function readShared(...path: string[]): Buffer {
  return readFileSync(join(folder, ...path));
}

/** A JSON file of shared values; `{}` without the folder, so that tests can be listed as skipped. */
export function sharedValues<Value>(...path: string[]): Record<string, Value> {
  return existsSync(folder) ? (JSON.parse(readShared(...path).toString("utf8")) as Record<string, Value>) : {};
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
