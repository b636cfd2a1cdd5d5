import type { Buffer } from "node:buffer";
import { byteLength, joinParts } from "../tensor/join-parts.ts";
import type { JsonObject } from "../tensor/json-value.ts";
import type { Parameters } from "../tensor/tensor.ts";
import type { Steps } from "../turns.ts";
import type { ReadView, Values } from "./values.ts";

/** A family of bodies that can be handed on unread from one side to the other. */
export type WireForm = "v1" | "v2" | "grpc-v2";

/** A body as it came, with the headers that say how to read it (`content-type`, `inference-header-content-length`). */
export interface WireMessage {
  readonly headers: Readonly<Record<string, string>>;
  /** Chunks in order; joined only by those who must. Made when first read where there are pieces. */
  readonly body: readonly Uint8Array[];
  /** The same bytes, made while they are sent. */
  readonly pieces?: PiecedBody | undefined;
}

/**
 * A long body that is made while it is sent: each iteration makes the same bytes from the start, and none throws. A chunk is good
 * until the next is asked for, which may be written over it, so ask when the socket has taken it.
 */
export interface PiecedBody extends Iterable<Uint8Array> {
  readonly byteLength: number;
  /** All of it at once, which is kept. */
  whole(): readonly Uint8Array[];
}

/** One entry of V2's requested `outputs`. */
export interface RequestedOutput {
  readonly name: string;
  /** Without the wire controls. */
  readonly parameters: Parameters;
  /** The output's own `binary_data`; undefined where it says nothing. */
  readonly binaryData?: boolean;
}

/** What a request body says, once read. */
export interface RequestContent {
  readonly id?: string;
  /** V2's scalars, without the wire controls. */
  readonly parameters: Parameters;
  /** V1's other top-level members. */
  readonly members: JsonObject;
  readonly requestedOutputs?: readonly RequestedOutput[];
  /** V2's `binary_data_output`: outputs without a say of their own go out as binary. */
  readonly binaryDataOutput?: boolean;
  /** True where a hook set parameters or members: what no protocol can carry is no mistake of the client's. */
  readonly extrasFromHook?: boolean;
  /** True for V1's columnar `inputs`, which is answered with `outputs`. */
  readonly columnar?: boolean;
  readonly values: Values;
}

/** What a response's body says, once read. */
export interface ResponseContent {
  readonly id?: string;
  readonly modelName?: string;
  readonly modelVersion?: string;
  readonly parameters: Parameters;
  readonly members: JsonObject;
  readonly values: Values;
}

/** A body that a codec can read later, or never: unread it is forwarded as it is. */
export interface ContentSource<Content> {
  /** `step`: a response of another step of an InferenceGraph, whose bytes no predictor takes as a request. */
  readonly wire: WireForm | "step";
  readonly message: WireMessage;
  /** Reads the body once and keeps the content. @throws InferenceError when it cannot be read. */
  read(): Content;
  /**
   * Reads a large body in turns with other work, as far as that can be, and `read` finds what it read; undefined where that is done at once.
   * @throws the reason of an abort.
   */
  prepare?(signal: AbortSignal | undefined, view: ReadView): Promise<void> | undefined;
  /** The same message over other bytes, unread: a reader of its own. */
  withBody?(body: readonly Uint8Array[]): ContentSource<Content>;
  /** True once `read` was called. */
  readonly isRead: boolean;
}

/**
 * Reads a large body before somebody asks for what it says: in turns with other requests, where the views would read it at once.
 * What is wrong with the body is told when it is asked for. Undefined for a body that is not large: nothing is waited for.
 * @throws the signal's reason once it is aborted.
 */
export function prepareContent(
  message: { readonly source: ContentSource<unknown> | undefined },
  signal: AbortSignal | undefined,
  view: ReadView = "any",
): Promise<void> | undefined {
  return message.source?.prepare?.(signal, view);
}

/** Bytes of a message, of which none is made for this. */
export function messageLength(message: WireMessage): number {
  return message.pieces?.byteLength ?? byteLength(message.body);
}

/** A message as one block, a chunk or piece at a time. @param most bytes from its start; what follows is not made */
export function joinMessage(message: WireMessage, most: number = Number.POSITIVE_INFINITY): Steps<Buffer> {
  return joinParts(message.pieces ?? message.body, Math.min(most, messageLength(message)));
}
