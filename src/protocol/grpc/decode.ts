import { WireType } from "@bufbuild/protobuf/wire";
import { guardResponse, PredictorValues } from "../../convert/response-faults.ts";
import type { RequestContent, RequestedOutput, ResponseContent, WireMessage } from "../../inference/content.ts";
import { InferRequest } from "../../inference/infer-request.ts";
import { InferResponse } from "../../inference/infer-response.ts";
import { readElements, TensorValues } from "../../inference/row-and-tensor-values.ts";
import type { Values } from "../../inference/values.ts";
import { resume } from "../../resumable.ts";
import type { JsonObject } from "../../tensor/json-value.ts";
import type { Turns } from "../../turns.ts";
import { joinChunks } from "../body-bytes.ts";
import type { DecodeRequestOptions, DecodeResponseOptions } from "../codec.ts";
import { LazySource } from "../lazy-source.ts";
import type { Limits } from "../limits.ts";
import { assertNoSharedMemory, mentionsSharedMemory } from "../shared-memory.ts";
import {
  type InferMessage,
  MAX_TENSOR_FIELDS,
  REQUEST_LAYOUT,
  RESPONSE_LAYOUT,
  readInferMessage,
  reading,
} from "./infer-message.ts";
import { readParameters } from "./parameters.ts";
import {
  assertCounts,
  assertForwardable,
  type FilledContents,
  fillContentsInTurns,
  readTensors,
} from "./read-tensors.ts";
import { FieldReader } from "./wire/field-reader.ts";

const NO_MEMBERS: JsonObject = {};

/**
 * A request over the bytes of a `ModelInferRequest`. Shapes and sizes are checked at once where that costs next to nothing;
 * what is wrong is said when the request is read or handed on.
 */
export function decodeRequest(message: WireMessage, options: DecodeRequestOptions): InferRequest {
  const { modelName, modelVersion, limits } = options;
  const source = new GrpcRequestSource(message, limits);
  return new InferRequest({ modelName, modelVersion: modelVersion ?? source.modelVersion, content: source });
}

/** The bytes of a `ModelInferRequest`, their head read. */
export class GrpcRequestSource extends LazySource<RequestContent> {
  readonly #head: InferMessage | undefined;
  readonly #error: unknown;
  readonly #limits: Limits;

  constructor(message: WireMessage, limits: Limits) {
    const read = (filled?: FilledContents) =>
      reading(REQUEST_LAYOUT.name, () => readRequest(this.assertForwardable(), limits, filled));
    super(
      "grpc-v2",
      message,
      () => read(),
      async (_message, turns) => {
        const head = await resume(turns, () => this.assertForwardable());
        const content = read(await fillContentsInTurns(head, turns));
        await readElementsInTurns(content, turns);
        return content;
      },
    );
    this.#limits = limits;
    try {
      const head = readInferMessage(joinChunks(message.body), REQUEST_LAYOUT, limits.maxTensors);
      reading(REQUEST_LAYOUT.name, () => {
        assertForwardable(head, REQUEST_LAYOUT, limits);
        if (mentionsSharedMemory(head.requestedOutputs)) head.requestedOutputs.forEach(readRequestedOutput);
      });
      this.#head = head;
    } catch (error) {
      this.#error = error;
    }
  }

  /** With a head of its own, since that is read with the bytes. */
  override withBody(body: readonly Uint8Array[]): GrpcRequestSource {
    return new GrpcRequestSource({ ...this.message, body }, this.#limits);
  }

  /** What the message says of the version; undefined where it leaves the choice to the server. */
  get modelVersion(): string | undefined {
    return this.#head?.modelVersion || undefined;
  }

  /** @throws InferenceError invalid_argument that names the tensor, what was expected and what came. */
  assertForwardable(): InferMessage {
    const head = this.#head;
    if (head === undefined) throw this.#error;
    reading(REQUEST_LAYOUT.name, () => assertCounts(head));
    return head;
  }
}

function readRequest(head: InferMessage, { maxInstances }: Limits, filled?: FilledContents): RequestContent {
  const { id, requestedOutputs } = head;
  return {
    ...(id === "" ? {} : { id }),
    parameters: readParameters(head.parameters),
    members: NO_MEMBERS,
    ...(requestedOutputs.length === 0 ? {} : { requestedOutputs: requestedOutputs.map(readRequestedOutput) }),
    values: new TensorValues(
      readTensors(head, REQUEST_LAYOUT, (read) => read(), filled),
      "input",
      false,
      maxInstances,
    ),
  };
}

function readRequestedOutput(bytes: Uint8Array): RequestedOutput {
  const reader = new FieldReader(bytes, MAX_TENSOR_FIELDS);
  let name = "";
  const parameters: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, type] = reader.tag();
    if (type !== WireType.LengthDelimited) reader.skip(type, field);
    else if (field === 1) name = reader.string(true);
    else if (field === 2) parameters.push(reader.bytes());
    else reader.skip(type, field);
  }
  const read = readParameters(parameters);
  assertNoSharedMemory(read, name);
  return { name, parameters: read };
}

/** A response over the bytes of a `ModelInferResponse`, which are read when first asked for. */
export function decodeResponse(message: WireMessage, options: DecodeResponseOptions): InferResponse {
  const guarded = <T>(read: () => T): T => guardResponse(() => reading(RESPONSE_LAYOUT.name, read));
  const content = new LazySource(
    "grpc-v2",
    message,
    ({ body }) => guarded(() => readResponse(readHead(joinChunks(body), options))),
    async ({ body }, turns) => {
      const head = guarded(() => readHead(joinChunks(body), options));
      await resume(turns, () => guarded(() => assertCounts(head)));
      const filled = await fillContentsInTurns(head, turns);
      const content = guarded(() => readResponse(head, filled));
      await readElementsInTurns(content, turns);
      return content;
    },
  );
  return new InferResponse({ modelName: options.modelName, content });
}

/** BYTES in raw contents are as many objects. What is wrong with them is told when they are asked for. */
async function readElementsInTurns({ values }: { readonly values: Values }, turns: Turns): Promise<void> {
  try {
    await resume(turns, () => readElements(values.tensors()));
  } catch (error) {
    if (turns.isAborted) throw error;
  }
}

function readHead(bytes: Uint8Array, { limits }: DecodeResponseOptions): InferMessage {
  const head = readInferMessage(bytes, RESPONSE_LAYOUT, limits.maxTensors);
  assertForwardable(head, RESPONSE_LAYOUT, limits);
  return head;
}

function readResponse(head: InferMessage, filled?: FilledContents): ResponseContent {
  return {
    ...(head.id === "" ? {} : { id: head.id }),
    ...(head.modelName === "" ? {} : { modelName: head.modelName }),
    ...(head.modelVersion === "" ? {} : { modelVersion: head.modelVersion }),
    parameters: readParameters(head.parameters),
    members: NO_MEMBERS,
    values: new PredictorValues(new TensorValues(readTensors(head, RESPONSE_LAYOUT, guardResponse, filled), "output")),
  };
}
