import type { Readable } from "node:stream";

/** A file that is read from its beginning. */
export interface OpenFile {
  readonly stream: Readable;
  /** Share that is read, 0 to 1. */
  progress(): number;
}

/** A file of which parts are read, as hyparquet takes it. */
export interface SlicedFile {
  readonly byteLength: number;
  slice(start: number, end?: number): Promise<ArrayBuffer>;
}

/** Where inputs lie: a disk or S3. Paths are those of `resolve`. */
export interface InputFiles {
  /** The path that a line of the list at `list` means, or the input itself without one. */
  resolve(path: string, list?: string): string;
  /** @param said how the user wrote it. @throws InferenceError invalid_argument for what is not there, where that is known without asking. */
  isFolder(path: string, said: string): boolean;
  /** All files below a folder, in the order of their names. */
  list(folder: string): Promise<readonly string[]>;
  open(path: string): Promise<OpenFile>;
  slices(path: string): Promise<SlicedFile>;
  /** @throws InferenceError invalid_argument for a file that cannot be read. */
  read(path: string): Promise<Uint8Array>;
}
