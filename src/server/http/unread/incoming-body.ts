import type { IncomingMessage } from "node:http";
import { InferenceError } from "../../../errors.ts";
import type { StreamedBody } from "../../../predictor/predictor.ts";
import { sliceChunks } from "../../../protocol/body-bytes.ts";
import type { StreamCheck } from "../../../protocol/check-request.ts";

/** A body beyond this is handed on while it comes; no more than this waits for the predictor. */
export const WINDOW_BYTES: number = 256 * 1024;

/** A body is held up to here, so that it may be sent again where a kept connection turns out to be closed. */
const HELD_BYTES = 1024 * 1024;

export interface IncomingBodyHandler {
  /** The head has come and is right. */
  ready(): void;
  /** What the check threw, or that the client left; once. */
  failed(error: unknown): void;
}

/** A large body on its way from the client to the predictor, checked as it comes and read no faster than the predictor takes it. */
export class IncomingBody implements StreamedBody {
  readonly byteLength: number;
  readonly #incoming: IncomingMessage;
  readonly #check: StreamCheck;
  readonly #handler: IncomingBodyHandler;
  /** From the first one that is still held. */
  readonly #chunks: Uint8Array[] = [];
  /** Chunks that are gone. */
  #gone = 0;
  #received = 0;
  #read = 0;
  #isEnded = false;
  #failure: unknown;
  #reading = 0;
  #wake: () => void = () => undefined;

  constructor(incoming: IncomingMessage, byteLength: number, check: StreamCheck, handler: IncomingBodyHandler) {
    this.#incoming = incoming;
    this.byteLength = byteLength;
    this.#check = check;
    this.#handler = handler;
    incoming.on("data", (chunk: Uint8Array) => this.#take(chunk));
    incoming.on("end", () => {
      this.#isEnded = true;
      this.#wake();
    });
    const left = (cause?: unknown): void => {
      if (!this.#isEnded) this.#fail(new InferenceError("the client left", { code: "cancelled", cause }));
    };
    incoming.on("error", left);
    incoming.on("close", left);
  }

  get isWhole(): boolean {
    return this.#gone === 0;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    this.#reading += 1;
    const reading = this.#reading;
    this.#read = 0;
    // The reading before this one ends.
    this.#wake();
    for (let next = 0; ; next++) {
      while (next - this.#gone >= this.#chunks.length && !this.#isEnded && reading === this.#reading)
        await this.#more();
      if (this.#failure !== undefined) throw this.#failure;
      if (reading !== this.#reading) throw new Error("read again from the start");
      const chunk = this.#chunks[next - this.#gone];
      if (chunk === undefined) return;
      this.#read += chunk.byteLength;
      if (this.#received > HELD_BYTES) this.#gone += this.#chunks.splice(0, next - this.#gone + 1).length;
      this.#incoming.resume();
      yield chunk;
    }
  }

  /** What still comes is dropped, so that the connection can carry the next request. */
  close(): void {
    this.#isEnded = true;
    this.#chunks.length = 0;
    this.#incoming.resume();
    this.#wake();
  }

  #take(chunk: Uint8Array): void {
    if (this.#isEnded) return;
    const { headLength } = this.#check;
    const hadHead = this.#received > 0 && this.#received >= headLength;
    this.#received += chunk.byteLength;
    this.#chunks.push(chunk);
    if (this.#received - this.#read >= WINDOW_BYTES) this.#incoming.pause();
    try {
      this.#check.assertChunk?.(chunk);
      if (!hadHead && this.#received >= headLength) {
        this.#check.assertHead?.(sliceChunks(this.#chunks, 0, headLength));
        this.#handler.ready();
      }
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#wake();
  }

  #more(): Promise<void> {
    const before = this.#wake;
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = () => undefined;
        before();
        resolve();
      };
    });
  }

  #fail(error: unknown): void {
    this.#failure = error;
    this.close();
    this.#handler.failed(error);
  }
}
