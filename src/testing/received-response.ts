import { fileURLToPath } from "node:url";
import { isNativeError } from "node:util/types";
import { InferenceError } from "../errors.ts";
import type { InferResponse } from "../inference/infer-response.ts";
import { DEFAULT_LIMITS } from "../protocol/limits.ts";
import { selectCodec } from "../protocol/select-codec.ts";
import { startAtAuthor } from "../tensor/elements/authors-fault.ts";
import type { JsonValue } from "../tensor/json-value.ts";
import type { Tensor } from "../tensor/tensor.ts";

/** A response as the client gets it. */
export interface TestResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** What was thrown on the way, a hook's own error among it; undefined when the request went well. */
  readonly error: unknown;
  /** The body as JSON. @throws SyntaxError when it is none. */
  readonly json: unknown;
  /** Rows of the response. @throws Error with the status, the message and the hook's error as its cause. */
  readonly predictions: readonly JsonValue[];
  /** Columns of the response. @throws Error with the status, the message and the hook's error as its cause. */
  readonly outputs: readonly Tensor[];
  /** The JSON of each server-sent event of a completion, without `[DONE]`. */
  readonly events: readonly unknown[];
}

export interface ReceivedResponseOptions {
  readonly protocol: "v1" | "v2";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly error: unknown;
}

export class ReceivedResponse implements TestResponse {
  readonly #protocol: "v1" | "v2";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly error: unknown;

  constructor({ protocol, status, headers, body, error }: ReceivedResponseOptions) {
    this.#protocol = protocol;
    this.status = status;
    this.headers = headers;
    this.body = body;
    this.error = rootOf(error);
  }

  get json(): unknown {
    return JSON.parse(this.#text());
  }

  get predictions(): readonly JsonValue[] {
    return this.#decode().predictions;
  }

  get outputs(): readonly Tensor[] {
    return this.#decode().outputs;
  }

  get events(): readonly unknown[] {
    const data = this.#text()
      .split("\n")
      .filter((line) => line.startsWith("data:"))
      .map((line) => line.slice("data:".length).trim());
    return data.filter((text) => text !== "[DONE]").map((text) => JSON.parse(text) as unknown);
  }

  #text(): string {
    return new TextDecoder().decode(this.body);
  }

  #decode(): InferResponse {
    if (this.status !== 200) throw this.#failure();
    const message = { headers: this.headers, body: [this.body] };
    return selectCodec(this.#protocol).decodeResponse(message, { modelName: "model", limits: DEFAULT_LIMITS });
  }

  /** What a test runner prints: the client's view, then the error that led to it with its own stack. */
  #failure(): Error {
    const { error } = this;
    const told = `status ${this.status}: ${this.#text()}`;
    if (error === undefined) return startAtAuthor(new Error(told));
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return startAtAuthor(new Error(`${told}\nbecause of ${why}${ownFrame(error)}`, { cause: error }));
  }
}

const FRAMEWORK = fileURLToPath(new URL("..", import.meta.url));

/** The first line of a stack that is the author's own: node:test prints a cause on a terminal only. */
function ownFrame(error: unknown): string {
  // By its nature, not its class: a test runner has an Error of its own.
  const lines = isNativeError(error) ? (error.stack ?? "").split("\n") : [];
  const foreign = ["node:", "node_modules", FRAMEWORK];
  const own = lines.find((line) => /^\s+at .*:\d+:\d+\)?$/.test(line) && !foreign.some((part) => line.includes(part)));
  return own === undefined ? "" : `\n    ${own.trim()}`;
}

/** "internal error" is what the client is told; the test's author wants what lies behind it. */
function rootOf(error: unknown): unknown {
  if (!InferenceError.isInstance(error) || error.message !== "internal error" || error.cause === undefined)
    return error;
  return rootOf(error.cause);
}
