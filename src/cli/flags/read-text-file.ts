import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { InferenceError } from "../../errors.ts";

/** The text of a file, or of standard input for `-`. @throws InferenceError invalid_argument that names the file */
export async function readTextFile(file: string, cwd: string): Promise<string> {
  if (file !== "-") {
    return readFile(resolve(cwd, file), "utf8").catch((cause: NodeJS.ErrnoException) => {
      throw new InferenceError(`${file} cannot be read: ${cause.code}`, { code: "invalid_argument", cause });
    });
  }
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
