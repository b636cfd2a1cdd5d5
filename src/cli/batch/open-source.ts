import { Buffer } from "node:buffer";
import { basename, extname } from "node:path";
import type { Readable } from "node:stream";
import { invalidArgument } from "../../errors.ts";
import type { BatchRow, BatchSource } from "./batch-source.ts";
import { createDiskFiles } from "./disk-files.ts";
import type { InputFiles } from "./input-files.ts";
import { readCsv, readLines } from "./read-rows.ts";
import { parseS3Place } from "./s3-store.ts";

export interface OpenSourceOptions {
  readonly cwd: string;
  readonly stdin: Readable;
  /** Where S3 and its keys are said. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Told which files of a folder are left out. */
  warn(text: string): void;
  /** How messages call the input. @default "--input" */
  readonly flag?: string;
}

const PICTURES: ReadonlySet<string> = new Set([
  ".jpg",
  ".jpeg",
  ".jfif",
  ".png",
  ".gif",
  ".webp",
  ".avif",
  ".tif",
  ".tiff",
  ".bmp",
  ".pbm",
  ".pgm",
  ".ppm",
  ".pnm",
  ".tga",
]);

/**
 * The rows of an input: `-` or a .jsonl file (a JSON value a line), .csv (a record a line), .parquet (a record a row), .txt (a URL or
 * a picture's path a line), a folder of pictures in the order of their names, or one picture; each also as `s3://BUCKET/KEY`.
 * @throws InferenceError invalid_argument for what is none of them.
 */
export async function openSource(input: string, options: OpenSourceOptions): Promise<BatchSource> {
  const { stdin, flag = "--input" } = options;
  if (input === "-") return { rows: readLines(stdin, "standard input"), progress: () => undefined };
  const places = createPlaces(options, flag);
  const files = await places(input);
  const path = files.resolve(input);
  if (files.isFolder(path, input)) return openFolder(files, path, places, options);
  switch (extname(path).toLowerCase()) {
    case ".jsonl":
    case ".ndjson":
      return openStream(files, path, (stream) => readLines(stream, basename(path)));
    case ".csv":
      return openStream(files, path, readCsv);
    case ".parquet":
      return (await import("./open-parquet.ts")).openParquet(await files.slices(path), path);
    case ".txt":
      return openPictures(await listedPictures(files, path), places);
    default:
      if (isPicture(path)) return openPictures([path], places);
      throw invalidArgument(
        `${flag} ${input}: expected .jsonl, .csv, .parquet, .txt, a picture, a folder of them, or -`,
      );
  }
}

/** Whose files a path is one of; S3 is opened at its first. */
type Places = (path: string) => Promise<InputFiles>;

function createPlaces({ cwd, env, signal }: OpenSourceOptions, flag: string): Places {
  const disk = createDiskFiles(cwd, flag);
  let s3: Promise<InputFiles> | undefined;
  const openS3 = async (): Promise<InputFiles> => {
    const [{ createS3Files }, { S3Store }] = await Promise.all([import("./s3-files.ts"), import("./s3-store.ts")]);
    return createS3Files(await S3Store.open(env, signal));
  };
  return async (path) => {
    if (parseS3Place(path) === undefined) return disk;
    s3 ??= openS3();
    return s3;
  };
}

async function openStream(
  files: InputFiles,
  path: string,
  read: (stream: Readable) => AsyncIterable<BatchRow>,
): Promise<BatchSource> {
  const { stream, progress } = await files.open(path);
  return { rows: read(stream), progress };
}

const isPicture = (file: string): boolean => PICTURES.has(extname(file).toLowerCase());

async function openFolder(
  files: InputFiles,
  folder: string,
  places: Places,
  { warn }: OpenSourceOptions,
): Promise<BatchSource> {
  const all = await files.list(folder);
  const found = all.filter(isPicture);
  if (found.length === 0) throw invalidArgument(`${folder}: there is no picture (${[...PICTURES].join(" ")})`);
  const skipped = all.filter((file) => !isPicture(file) && !basename(file).startsWith("."));
  if (skipped.length > 0) warn(`${describeSkipped(skipped)}\n`);
  return openPictures(found, places);
}

function describeSkipped(files: readonly string[]): string {
  const names = files.slice(0, 3).map((file) => basename(file));
  const others = files.length > names.length ? ` and ${files.length - names.length} more` : "";
  return `left out, since no picture has such a name: ${names.join(", ")}${others}`;
}

async function listedPictures(files: InputFiles, list: string): Promise<readonly string[]> {
  const lines = Buffer.from(await files.read(list))
    .toString("utf8")
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "");
  return lines.map((line) => (/^(https?|data|s3):/i.test(line) ? line : files.resolve(line, list)));
}

function openPictures(paths: readonly string[], places: Places): BatchSource {
  let read = 0;
  async function* rows(): AsyncGenerator<BatchRow, void, undefined> {
    for (const [index, file] of paths.entries()) {
      read = index + 1;
      yield { index, file, read: () => readPicture(file, places) };
    }
  }
  return { rows: rows(), progress: () => read / paths.length };
}

async function readPicture(file: string, places: Places): Promise<string> {
  if (/^(https?|data):/i.test(file)) return JSON.stringify({ url: file });
  const bytes = await (await places(file)).read(file);
  return JSON.stringify({ b64: Buffer.from(bytes).toString("base64") });
}
