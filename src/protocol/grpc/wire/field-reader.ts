import { BinaryReader } from "@bufbuild/protobuf/wire";
import { invalidArgument } from "../../../errors.ts";

/** Of a message with a handful of fields; a writer may repeat some. */
const FEW = 1000;

/**
 * A reader of a protobuf message that has so many fields at most, those inside groups counted. Each takes time, also one that is
 * skipped, and two bytes are enough for one.
 */
export class FieldReader extends BinaryReader {
  readonly #most: number;
  #found = 0;
  /** The tensor that the message is, for the error. */
  tensor: string | undefined;

  constructor(bytes: Uint8Array, most: number = FEW) {
    super(bytes);
    this.#most = most;
  }

  /** @throws InferenceError invalid_argument for a field too many. */
  override tag(): ReturnType<BinaryReader["tag"]> {
    if (this.#found++ === this.#most) {
      const where = this.tensor === undefined ? "" : `tensor '${this.tensor}': `;
      throw invalidArgument(`${where}more than ${this.#most} fields`);
    }
    return super.tag();
  }
}
