import { createReadStream, readdirSync, statSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { invalidArgument } from "../../errors.ts";
import type { InputFiles } from "./input-files.ts";

/** Files of this machine. @param flag what messages call the input. */
export function createDiskFiles(cwd: string, flag: string): InputFiles {
  return {
    resolve: (path, list) => resolve(list === undefined ? cwd : dirname(list), path),
    isFolder: (path, said) => {
      const stats = statSync(path, { throwIfNoEntry: false });
      if (stats === undefined) throw invalidArgument(`${flag} ${said}: there is no such file or folder`);
      return stats.isDirectory();
    },
    list: async (folder) =>
      readdirSync(folder, { recursive: true, encoding: "utf8" })
        .sort()
        .map((file) => join(folder, file)),
    open: async (path) => {
      const { size } = statSync(path);
      const stream = createReadStream(path);
      return { stream, progress: () => (size === 0 ? 1 : stream.bytesRead / size) };
    },
    slices: async (path) => {
      const { size } = statSync(path);
      return {
        byteLength: size,
        slice: async (start, end = size) => {
          const file = await open(path);
          try {
            const { buffer } = await file.read(new Uint8Array(end - start), 0, end - start, start);
            return buffer.buffer;
          } finally {
            await file.close();
          }
        },
      };
    },
    read: (path) =>
      readFile(path).catch((error: NodeJS.ErrnoException) => {
        throw invalidArgument(`${path} cannot be read (${error.code})`, error);
      }),
  };
}
