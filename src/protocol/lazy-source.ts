import type { ContentSource, WireForm, WireMessage } from "../inference/content.ts";
import type { ReadView } from "../inference/values.ts";
import { byteLength } from "../tensor/join-parts.ts";
import { LARGE, Turns } from "../turns.ts";

/** Reads a large message in turns. */
export type ReadInTurns<Content> = (message: WireMessage, turns: Turns, view: ReadView) => Promise<Content>;

/** A body that is read when first asked for, once; what reading throws is thrown again each time. */
export class LazySource<Content> implements ContentSource<Content> {
  readonly wire: WireForm | "step";
  readonly message: WireMessage;
  readonly #decode: (message: WireMessage) => Content;
  readonly #decodeInTurns: ReadInTurns<Content> | undefined;
  #content: Content | undefined;
  #failure: { readonly error: unknown } | undefined;
  #isRead = false;

  constructor(
    wire: WireForm | "step",
    message: WireMessage,
    decode: (message: WireMessage) => Content,
    decodeInTurns?: ReadInTurns<Content>,
  ) {
    this.wire = wire;
    this.message = message;
    this.#decode = decode;
    this.#decodeInTurns = decodeInTurns;
  }

  get isRead(): boolean {
    return this.#isRead;
  }

  read(): Content {
    this.#isRead = true;
    if (this.#failure !== undefined) throw this.#failure.error;
    this.#content ??= this.#decode(this.message);
    return this.#content;
  }

  withBody(body: readonly Uint8Array[]): LazySource<Content> {
    return new LazySource(this.wire, { ...this.message, body }, this.#decode, this.#decodeInTurns);
  }

  prepare(signal: AbortSignal | undefined, view: ReadView): Promise<void> | undefined {
    const isKnown = this.#content !== undefined || this.#failure !== undefined;
    if (isKnown || this.#decodeInTurns === undefined || byteLength(this.message.body) < LARGE) return undefined;
    return this.#readInTurns(this.#decodeInTurns, new Turns(signal), view);
  }

  async #readInTurns(decode: ReadInTurns<Content>, turns: Turns, view: ReadView): Promise<void> {
    try {
      // Joining its chunks and looking at their characters is long work already.
      await turns.next();
      this.#content = await decode(this.message, turns, view);
    } catch (error) {
      if (turns.isAborted) throw error;
      this.#failure = { error };
    }
  }
}
