import type { ContentSource, WireForm, WireMessage } from "../inference/content.ts";

/** A body that is read when first asked for, once; what reading throws is thrown again each time. */
export class LazySource<Content> implements ContentSource<Content> {
  readonly wire: WireForm;
  readonly message: WireMessage;
  readonly #decode: (message: WireMessage) => Content;
  #content: Content | undefined;
  #isRead = false;

  constructor(wire: WireForm, message: WireMessage, decode: (message: WireMessage) => Content) {
    this.wire = wire;
    this.message = message;
    this.#decode = decode;
  }

  get isRead(): boolean {
    return this.#isRead;
  }

  read(): Content {
    this.#isRead = true;
    this.#content ??= this.#decode(this.message);
    return this.#content;
  }
}
