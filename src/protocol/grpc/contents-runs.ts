import { WireType } from "@bufbuild/protobuf/wire";
import { invalidArgument } from "../../errors.ts";
import { DATATYPES, type Datatype } from "../../tensor/datatype.ts";
import { PIECE } from "../../turns.ts";
import { contentsFieldName } from "./contents-fields.ts";
import { MAX_TENSOR_FIELDS } from "./infer-message.ts";
import { FieldReader } from "./wire/field-reader.ts";

/** Elements that follow each other without a tag: a piece of a packed field, or one element of an unpacked one. */
export type VisitRun = (bytes: Uint8Array, start: number, end: number) => void;

/** Numbers that stand alone, each behind a tag of its own, where the protocol packs them. */
export const MAX_UNPACKED = 1_048_576;

/** Runs of a tensor's elements in `InferTensorContents`, or in TensorFlow's `TensorProto`, a piece at a time. */
export class ContentsRuns {
  readonly #parts: readonly Uint8Array[];
  readonly #name: string;
  readonly #datatype: Datatype;
  readonly #wanted: number;
  /** The first byte of an element that is not packed; other ways to write its tag exist, and are read slowly. */
  readonly #tag: number;
  readonly #nameOf: (field: number) => string | undefined;
  #part = 0;
  #at = 0;
  #reader: FieldReader | undefined;
  /** Where the packed field ends in which the position is. */
  #packedEnd = 0;
  /** Elements, and packed fields, so far. */
  whole = 0;
  /** The last packed field. */
  last: Uint8Array | undefined;

  /**
   * @param wanted number of the datatype's field, 0 for none.
   * @param nameOf names of the fields that carry elements of other datatypes, which are then refused.
   */
  constructor(
    parts: readonly Uint8Array[],
    name: string,
    datatype: Datatype,
    wanted: number,
    nameOf: (field: number) => string | undefined = contentsFieldName,
  ) {
    this.#parts = parts;
    this.#name = name;
    this.#datatype = datatype;
    this.#wanted = wanted;
    // From 16 on a field's tag takes two bytes.
    this.#tag = wanted === 0 || wanted > 15 ? -1 : (wanted << 3) | wireTypeOf(datatype);
    this.#nameOf = nameOf;
  }

  /**
   * Visits about a piece more; false once all is visited.
   * @throws InferenceError invalid_argument for elements of another datatype.
   */
  advance(visit: VisitRun): boolean {
    const part = this.#parts[this.#part];
    if (part === undefined) return false;
    const stop = Math.min(part.length, this.#at + PIECE);
    while (this.#at < stop) {
      if (this.#at < this.#packedEnd) this.#visitPacked(part, visit);
      else if (!this.#visitElement(part, visit)) this.#visitField(part, visit);
    }
    if (this.#at >= part.length) {
      this.#reader = undefined;
      this.#part++;
      this.#at = 0;
      this.#packedEnd = 0;
    }
    return true;
  }

  #visitPacked(part: Uint8Array, visit: VisitRun): void {
    const start = this.#at;
    let end = Math.min(start + PIECE, this.#packedEnd);
    if (DATATYPES[this.#datatype].kind !== "float") {
      while (end < this.#packedEnd && (part[end - 1] as number) >= 0x80) end++;
    }
    this.#at = end;
    visit(part, start, end);
  }

  /** One element that is not packed; false for what is written otherwise. */
  #visitElement(part: Uint8Array, visit: VisitRun): boolean {
    if (part[this.#at] !== this.#tag) return false;
    let start = this.#at + 1;
    let end = start;
    switch (this.#tag & 7) {
      case WireType.Bit32:
        end += 4;
        break;
      case WireType.Bit64:
        end += 8;
        break;
      case WireType.Varint:
        while (end < part.length && end - start < 9 && (part[end] as number) >= 0x80) end++;
        end++;
        break;
      default: {
        const length = part[start] as number;
        if (length >= 0x80) return this.#visitLong(part, start, visit);
        start++;
        end = start + length;
      }
    }
    if (end > part.length) return false;
    this.#at = end;
    this.#countElement();
    visit(part, start, end);
    return true;
  }

  /** A byte string whose length takes more than a byte; false for one that is written longer than it has to be. */
  #visitLong(part: Uint8Array, at: number, visit: VisitRun): boolean {
    const reader = this.#readerAt(part, at);
    const { length } = reader.bytes();
    if (length < 0x80) return false;
    this.#at = reader.pos;
    this.whole++;
    visit(part, reader.pos - length, reader.pos);
    return true;
  }

  /** One reader a part, so that it counts: each of these fields takes long. */
  #readerAt(part: Uint8Array, at: number): FieldReader {
    if (this.#reader === undefined) {
      this.#reader = new FieldReader(part, MAX_TENSOR_FIELDS);
      this.#reader.tensor = this.#name;
    }
    this.#reader.pos = at;
    return this.#reader;
  }

  #visitField(part: Uint8Array, visit: VisitRun): void {
    const reader = this.#readerAt(part, this.#at);
    const [field, type] = reader.tag();
    const start = reader.pos;
    if (field !== this.#wanted) {
      const skipped = reader.skip(type, field);
      const other = this.#nameOf(field);
      const empty = type === WireType.LengthDelimited && skipped.length === 1 && field !== 8;
      if (other !== undefined && !empty) throw this.#wrongField(other);
    } else if (type === WireType.LengthDelimited) {
      const bytes = reader.bytes();
      this.whole++;
      if (this.#datatype === "BYTES") visit(part, reader.pos - bytes.length, reader.pos);
      else {
        this.last = bytes;
        this.#packedEnd = reader.pos;
        this.#at = reader.pos - bytes.length;
        return;
      }
    } else {
      reader.skip(type, field);
      if (type === wireTypeOf(this.#datatype)) {
        this.#countElement();
        visit(part, start, reader.pos);
      }
    }
    this.#at = reader.pos;
  }

  #countElement(): void {
    this.whole++;
    if (this.whole > MAX_UNPACKED && this.#datatype !== "BYTES") {
      throw invalidArgument(`tensor '${this.#name}': more than ${MAX_UNPACKED} elements that are not packed`);
    }
  }

  #wrongField(got: string): Error {
    const expected = this.#nameOf(this.#wanted) ?? "raw contents";
    return invalidArgument(`tensor '${this.#name}': ${this.#datatype} takes ${expected}, got ${got}`);
  }
}

/** How one element of an unpacked field is written. */
function wireTypeOf(datatype: Datatype): WireType {
  if (datatype === "FP32") return WireType.Bit32;
  if (datatype === "FP64") return WireType.Bit64;
  return datatype === "BYTES" ? WireType.LengthDelimited : WireType.Varint;
}
