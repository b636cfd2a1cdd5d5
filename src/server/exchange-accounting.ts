import { InferenceError } from "../errors.ts";
import type { ExchangeContext } from "../transformer/exchange-context.ts";
import type { ModelServer } from "./model-server.ts";

/** Tells the listeners when an exchange begins and, once, how it ended; a stream ends when its last byte is out. */
export interface Accounting {
  end(status: number, responseBytes: number, error?: unknown): void;
  /** The same stream, counted; its end is the exchange's. */
  count(status: number, body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>;
}

/** Bytes of chunks together. */
export function byteLength(chunks: readonly Uint8Array[]): number {
  let length = 0;
  for (const chunk of chunks) length += chunk.byteLength;
  return length;
}

export function startAccounting(
  { listeners }: ModelServer,
  context: ExchangeContext,
  requestBody: readonly Uint8Array[],
): Accounting {
  const started = performance.now();
  let ended = false;
  listeners?.requestStarted?.(context);
  const end = (status: number, responseBytes: number, error?: unknown): void => {
    if (ended) return;
    ended = true;
    context.close();
    const requestBytes = byteLength(requestBody);
    const milliseconds = performance.now() - started;
    const failure = error === undefined ? {} : { error };
    listeners?.requestEnded?.(context, { status, milliseconds, requestBytes, responseBytes, ...failure });
  };
  async function* count(status: number, body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    try {
      for await (const chunk of body) {
        bytes += chunk.byteLength;
        yield chunk;
      }
      end(status, bytes);
    } catch (error) {
      end(InferenceError.from(error).status, bytes, error);
      throw error;
    } finally {
      end(499, bytes, new InferenceError("the client left", { code: "cancelled" }));
    }
  }
  return { end, count };
}
