import { posix } from "node:path";
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { InferenceError, invalidArgument } from "../../errors.ts";
import type { InputFiles } from "./input-files.ts";
import { formatS3Place, parseS3Place, type S3Place, type S3Store } from "./s3-store.ts";

/** Objects of S3 as files; a key that ends with `/`, or none, is a folder. */
export function createS3Files(store: S3Store): InputFiles {
  return {
    resolve: (path, list) => {
      if (list === undefined || parseS3Place(path) !== undefined) return path;
      const { bucket, key } = toPlace(list);
      return formatS3Place({ bucket, key: posix.join(posix.dirname(key), path).replace(/^\//, "") });
    },
    isFolder: (path) => /(^|\/)$/.test(toPlace(path).key),
    list: async (folder) => {
      const { bucket, key } = toPlace(folder);
      const files: string[] = [];
      for await (const found of store.list({ bucket, key })) files.push(formatS3Place({ bucket, key: found }));
      return files;
    },
    open: async (path) => {
      const response = await store.get(toPlace(path));
      const size = Number(response.headers.get("content-length") ?? 0);
      let read = 0;
      async function* counted(): AsyncGenerator<Uint8Array> {
        try {
          for await (const chunk of response.body as ReadableStream<Uint8Array>) {
            read += chunk.byteLength;
            yield chunk;
          }
        } catch (cause) {
          throw new InferenceError(`${path} broke off after ${read} of ${size} bytes`, { code: "unavailable", cause });
        }
      }
      return {
        stream: Readable.from(counted(), { objectMode: false }),
        progress: () => (size === 0 ? 1 : read / size),
      };
    },
    slices: async (path) => {
      const place = toPlace(path);
      const first = await store.get(place, { start: 0, end: 1 });
      await first.body?.cancel();
      const byteLength = Number(/\/(\d+)$/.exec(first.headers.get("content-range") ?? "")?.[1]);
      return {
        byteLength,
        slice: async (start, end = byteLength) => (await store.get(place, { start, end })).arrayBuffer(),
      };
    },
    read: async (path) => new Uint8Array(await (await store.get(toPlace(path))).arrayBuffer()),
  };
}

function toPlace(path: string): S3Place {
  const place = parseS3Place(path);
  if (place === undefined) throw invalidArgument(`${path}: expected s3://BUCKET/KEY`);
  return place;
}
