import { Buffer } from "node:buffer";
import { LRUCache } from "lru-cache";
import type { Encoding } from "./encoding.ts";
import { type PackedEncoding, packEncoding } from "./packed-encoding.ts";
import { loadTokenizer, type Tokenizer } from "./tokenizer.ts";
import type { EncodeTask, TokenizerSource } from "./tokenizer-thread.ts";

/** Tokenizers of this thread; a server that loads others again and again does not keep them all. */
const tokenizers = new LRUCache<string, Promise<Tokenizer>>({ max: 4 });

/** Runs in a thread: a long text as tokens, where nobody waits for the event loop. */
export default async function encodeTask({ text, options, source }: EncodeTask): Promise<readonly PackedEncoding[]> {
  const { overflowing, ...encoding }: Encoding = (await tokenizerOf(source)).encode(text, options);
  return [{ ...encoding, overflowing: [] }, ...overflowing].map(packEncoding);
}

function tokenizerOf({ key, json, file }: TokenizerSource): Promise<Tokenizer> {
  let tokenizer = tokenizers.get(key);
  if (tokenizer === undefined) {
    tokenizer = loadTokenizer(Buffer.from(json).toString("utf8"), file);
    tokenizers.set(key, tokenizer);
  }
  return tokenizer;
}
