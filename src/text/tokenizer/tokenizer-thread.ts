import { Buffer } from "node:buffer";
import { extname } from "node:path";
import type { Threads } from "../../inference/threads.ts";
import type { EncodeOptions, Encoding } from "./encoding.ts";
import { type PackedEncoding, unpackEncoding } from "./packed-encoding.ts";

/** The part of a request's context that long texts take. */
export interface EncodeContext {
  /** Tokenize long texts, where there are any. */
  readonly threads?: Threads;
  /** When it aborts, a text that waits for a thread is not tokenized. */
  readonly signal?: AbortSignal;
}

/** What a thread is told of one long text. */
export interface EncodeTask {
  readonly text: string;
  readonly options: EncodeOptions;
  readonly source: TokenizerSource;
}

/** A tokenizer.json, in memory that threads share. */
export interface TokenizerSource {
  /** The same for the same file alone. */
  readonly key: string;
  readonly json: SharedArrayBuffer;
  readonly file: string;
}

/** A character takes up to 20 µs, the way to a thread and back half a millisecond. */
const LONG_TEXT = 2000;

const TASK = new URL(`./encode-task${extname(import.meta.url)}`, import.meta.url);

let count = 0;

/** A tokenizer.json for threads, each of which reads it at its first long text. */
export class TokenizerThread {
  readonly #source: TokenizerSource;

  constructor(json: string, file: string) {
    this.#source = share(json, file);
  }

  /** Undefined where the text is short, or nobody else could do it. */
  encode(text: string, options: EncodeOptions, { threads, signal }: EncodeContext): Promise<Encoding> | undefined {
    const isLong = text.length + (options.pair?.length ?? 0) > LONG_TEXT;
    if (!isLong || threads === undefined || threads.size === 0) return undefined;
    return run(threads, { text, options, source: this.#source }, signal);
  }
}

async function run(threads: Threads, task: EncodeTask, signal: AbortSignal | undefined): Promise<Encoding> {
  const [packed, ...overflowing] = await threads.run<readonly [PackedEncoding, ...PackedEncoding[]]>(TASK, task, {
    finishes: true,
    ...(signal === undefined ? {} : { signal }),
  });
  return { ...unpackEncoding(packed), overflowing: overflowing.map(unpackEncoding) };
}

function share(json: string, file: string): TokenizerSource {
  const bytes = Buffer.from(json);
  const shared = new SharedArrayBuffer(bytes.byteLength);
  bytes.copy(new Uint8Array(shared));
  return { key: String(count++), json: shared, file };
}
