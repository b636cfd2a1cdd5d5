import { type ErrorCode, InferenceError } from "../../errors.ts";
import { parseJson } from "../../json/parse-json.ts";
import { parseJsonInTurns } from "../../json/parse-json-in-turns.ts";
import { joinChunks } from "../../protocol/body-bytes.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../tensor/json-value.ts";
import { Turns } from "../../turns.ts";

/** The JSON object that a completion's request or response is, read once, when somebody asks for it. */
export class CompletionBody {
  readonly #body: readonly Uint8Array[];
  readonly #maxDepth: number;
  readonly #what: string;
  readonly #code: ErrorCode;
  #read: (() => JsonObject) | undefined;

  /** @param what names it in messages */
  constructor(
    body: readonly Uint8Array[],
    maxDepth: number,
    what = "body",
    code: "invalid_argument" | "bad_gateway" = "invalid_argument",
  ) {
    this.#body = body;
    this.#maxDepth = maxDepth;
    this.#what = what;
    this.#code = code;
  }

  /** @throws InferenceError of the code for bytes that are no JSON object. */
  members(): JsonObject {
    if (this.#read === undefined) {
      const members = this.#guard(() => parseJson(joinChunks(this.#body), { maxDepth: this.#maxDepth }));
      this.#read = () => members;
    }
    return this.#read();
  }

  /** Reads a large body in turns with other work; what is wrong with it is told when it is asked for. @throws the signal's reason. */
  async prepare(signal: AbortSignal | undefined): Promise<void> {
    if (this.#read !== undefined) return;
    let read: () => JsonValue;
    try {
      const value = await parseJsonInTurns(joinChunks(this.#body), { maxDepth: this.#maxDepth }, new Turns(signal));
      read = () => value;
    } catch (error) {
      if (signal?.aborted === true) throw error;
      read = () => {
        throw error;
      };
    }
    this.#read = () => this.#guard(read);
  }

  #guard(read: () => JsonValue): JsonObject {
    const code = this.#code;
    try {
      const value = read();
      if (isJsonObject(value)) return value;
    } catch (error) {
      throw new InferenceError(`${this.#what}: ${InferenceError.from(error).message}`, { code, cause: error });
    }
    throw new InferenceError(`${this.#what}: expected a JSON object`, { code });
  }
}
