import { type InferenceError, invalidArgument } from "../../errors.ts";
import { importPeer } from "../../import-peer.ts";
import { formatJson } from "../../json/format-json.ts";
import type { JsonValue } from "../../tensor/json-value.ts";
import type { BatchRow, BatchSource } from "./batch-source.ts";
import type { SlicedFile } from "./input-files.ts";

/** Rows that are read at a time. */
const CHUNK = 1024;

/** @throws InferenceError unimplemented that names the install command where hyparquet is missing, invalid_argument for a broken file. */
export async function openParquet(file: SlicedFile, path: string): Promise<BatchSource> {
  const { parquetMetadataAsync, parquetReadObjects } = await loadHyparquet();
  const metadata = await parquetMetadataAsync(file).catch((error: unknown) => {
    throw broken(`${path} is no Parquet file`, error);
  });
  const total = Number(metadata.num_rows);
  let read = 0;
  async function* rows(): AsyncGenerator<BatchRow, void, undefined> {
    for (let start = 0; start < total; start += CHUNK) {
      const end = Math.min(total, start + CHUNK);
      const chunk = await parquetReadObjects({ file, metadata, rowStart: start, rowEnd: end }).catch(
        (error: unknown) => {
          throw broken(`${path}, rows ${start} to ${end - 1}: the Parquet data is broken`, error);
        },
      );
      if (chunk.length !== end - start) throw broken(`${path}: expected ${total} rows, got ${start + chunk.length}`);
      for (const [offset, record] of chunk.entries()) {
        read = start + offset + 1;
        const text = formatJson(toJson(record) as Parameters<typeof formatJson>[0]);
        yield { index: start + offset, read: async () => text };
      }
    }
  }
  return { rows: rows(), progress: () => (total === 0 ? 1 : read / total) };
}

function broken(message: string, cause?: unknown): InferenceError {
  return invalidArgument(cause instanceof Error ? `${message}: ${cause.message}` : message, cause);
}

function loadHyparquet(): Promise<typeof import("hyparquet")> {
  return importPeer("hyparquet", "reading Parquet needs a package of its own: npm install hyparquet");
}

/** Dates as ISO 8601, bytes as base64 in `{"b64"}`, integers of 64 bits digit by digit. */
function toJson(value: unknown): JsonValue {
  if (value === undefined || value === null) return null;
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Uint8Array) return { b64: Buffer.from(value).toString("base64") };
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, toJson(member)]));
  }
  return value as JsonValue;
}
