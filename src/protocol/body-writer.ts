import { Buffer } from "node:buffer";
import type { PiecedBody, WireMessage } from "../inference/content.ts";

/** What a body is written from: bytes, or bytes that are made while they are read. */
type BodyPart = Uint8Array | (Iterable<Uint8Array> & { readonly byteLength: number });

/** Collects a body of text and bytes; bytes are not copied. */
export class BodyWriter {
  readonly #chunks: Uint8Array[] = [];
  #parts: BodyPart[] | undefined;
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

  /** Bytes that are made while the message is sent; who writes them ends with `message`. */
  pieces(pieces: Exclude<BodyPart, Uint8Array>): this {
    this.#flush();
    this.#parts ??= [...this.#chunks];
    this.#parts.push(pieces);
    this.#length += pieces.byteLength;
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

  message(headers: WireMessage["headers"]): WireMessage {
    const { length, chunks } = this;
    if (this.#parts === undefined) return { headers, body: chunks };
    const pieces = createPiecedBody(this.#parts, length);
    return {
      headers,
      pieces,
      get body() {
        return pieces.whole();
      },
    };
  }

  #flush(): void {
    if (this.#text === "") return;
    this.#push(Buffer.from(this.#text, "utf8"));
    this.#text = "";
  }

  #push(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    (this.#parts ?? this.#chunks).push(bytes);
    this.#length += bytes.length;
  }
}

/** A body of parts of which some are made while they are read. */
function createPiecedBody(parts: readonly BodyPart[], byteLength: number): PiecedBody {
  let whole: readonly Uint8Array[] | undefined;
  return {
    byteLength,
    *[Symbol.iterator]() {
      for (const part of parts) {
        if (part instanceof Uint8Array) yield part;
        else yield* part;
      }
    },
    whole() {
      whole ??= parts.map((part) => (part instanceof Uint8Array ? part : joinPieces(part)));
      return whole;
    },
  };
}

function joinPieces(part: Exclude<BodyPart, Uint8Array>): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(part.byteLength);
  let at = 0;
  for (const piece of part) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}
