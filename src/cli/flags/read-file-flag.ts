import { readFileSync } from "node:fs";
import { invalidArgument } from "../../errors.ts";

/** The text of a file that a flag names. @throws InferenceError invalid_argument that names the flag. */
export function readFileFlag(flag: string, path: string): string;
export function readFileFlag(flag: string, path: string | undefined): string | undefined;
export function readFileFlag(flag: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw invalidArgument(`--${flag}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}
