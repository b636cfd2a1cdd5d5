import type { Buffer } from "node:buffer";
import { MalformedResponse } from "./malformed-response.ts";

const MAX_LINE_BYTES = 16_384;

/** Where a body in chunks ends (https://www.rfc-editor.org/rfc/rfc9112#section-7.1). */
export class ChunkedBody {
  /** Bytes of the chunk still to come. */
  #left = 0;
  #line = "";
  #reads: "size" | "data" | "line behind data" | "trailer" = "size";

  /** Bytes behind the body once it is whole; undefined while it is not. @throws MalformedResponse */
  push(bytes: Buffer, onData: (data: Buffer) => void): number | undefined {
    let offset = 0;
    while (offset < bytes.length) {
      if (this.#reads === "data") {
        const taken = Math.min(this.#left, bytes.length - offset);
        onData(bytes.subarray(offset, offset + taken));
        offset += taken;
        this.#left -= taken;
        if (this.#left === 0) this.#reads = "line behind data";
        continue;
      }
      const end = bytes.indexOf("\n", offset);
      this.#line += bytes.toString("latin1", offset, end < 0 ? bytes.length : end);
      if (this.#line.length > MAX_LINE_BYTES) throw new MalformedResponse("a chunk's line is too long");
      if (end < 0) return undefined;
      offset = end + 1;
      const line = this.#line.replace(/\r$/, "");
      this.#line = "";
      if (this.#takeLine(line)) return bytes.length - offset;
    }
    return undefined;
  }

  /** True for the line that ends the body. */
  #takeLine(line: string): boolean {
    if (this.#reads === "trailer") return line === "";
    if (this.#reads === "line behind data") {
      if (line !== "") throw new MalformedResponse("a chunk is longer than its size");
      this.#reads = "size";
      return false;
    }
    const [, size] = /^([0-9a-f]{1,12})(?:[ \t]*;.*)?$/i.exec(line) ?? [];
    if (size === undefined) {
      throw new MalformedResponse(`a chunk's size: expected a number, got ${JSON.stringify(line.slice(0, 60))}`);
    }
    this.#left = Number.parseInt(size, 16);
    this.#reads = this.#left === 0 ? "trailer" : "data";
    return false;
  }
}
