import { Buffer } from "node:buffer";

/** Collects a body of text and bytes; bytes are not copied. */
export class BodyWriter {
  readonly #chunks: Uint8Array[] = [];
  #text = "";
  #length = 0;

  text(text: string): this {
    this.#text += text;
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.#flush();
    this.#push(bytes);
    return this;
  }

  /** Bytes written so far. */
  get length(): number {
    this.#flush();
    return this.#length;
  }

  get chunks(): readonly Uint8Array[] {
    this.#flush();
    return this.#chunks;
  }

  #flush(): void {
    if (this.#text === "") return;
    this.#push(Buffer.from(this.#text, "utf8"));
    this.#text = "";
  }

  #push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#chunks.push(bytes);
    this.#length += bytes.length;
  }
}
