import { brandClass, hasBrand } from "../brand.ts";
import type { Datatype } from "../tensor/datatype.ts";
import type { JsonObject, JsonValue } from "../tensor/json-value.ts";
import type { Parameters, Tensor } from "../tensor/tensor.ts";
import { assertTensors } from "./checks/assert-tensors.ts";
import type { RowSchema } from "./checks/standard-schema.ts";
import { validateRows } from "./checks/validate-rows.ts";
import type { ContentSource, RequestContent, RequestedOutput } from "./content.ts";
import { digestContent } from "./content-digest.ts";
import { InferResponse, type ResponseInit, responseContentOf } from "./infer-response.ts";
import { RowValues, TensorValues } from "./row-and-tensor-values.ts";
import { tensorsToByteRows } from "./rows-and-tensors.ts";
import { selectTensor } from "./select-tensor.ts";
import type { Values } from "./values.ts";

export interface InferRequestOptions {
  readonly modelName: string;
  /** From the path `/versions/{v}` or the gRPC message. */
  readonly modelVersion?: string | undefined;
  /** The content, or bytes from which a codec reads it when first asked. */
  readonly content: RequestContent | ContentSource<RequestContent>;
}

/** A request that is made and not received, in one of its two views. */
export type InferRequestInit = {
  readonly modelName: string;
  readonly modelVersion?: string | undefined;
  readonly id?: string | undefined;
  readonly parameters?: Parameters;
  readonly members?: JsonObject;
} & ({ readonly instances: readonly JsonValue[] } | { readonly inputs: readonly Tensor[] });

/**
 * A request as hooks see it: one content in two views, rows (V1's instances) and columns (V2's inputs). A value: every
 * change makes a new request.
 */
export class InferRequest {
  static {
    brandClass(InferRequest, "InferRequest");
  }

  readonly modelName: string;
  readonly modelVersion: string | undefined;
  /** The body as it came while nothing of it was changed, else undefined. */
  readonly source: ContentSource<RequestContent> | undefined;
  readonly #content: RequestContent | undefined;

  constructor(options: InferRequestOptions) {
    this.modelName = options.modelName;
    this.modelVersion = options.modelVersion;
    if ("read" in options.content) this.source = options.content;
    else this.#content = options.content;
  }

  /**
   * A request of one's own: to warm the predictor in `load`, to ask another model.
   *
   *     await context.predictor.infer(InferRequest.create({ modelName: "m", inputs: [tensor] }));
   *
   * @throws InferenceError internal for inputs or instances that are none.
   */
  static create(init: InferRequestInit): InferRequest {
    const { modelName, modelVersion, id, parameters = {}, members = {} } = init;
    if ("inputs" in init) assertTensors(init.inputs, "InferRequest.create's inputs");
    const values =
      "inputs" in init ? new TensorValues(init.inputs, "input", true) : new RowValues(init.instances, "input");
    const content = { parameters, members, values, extrasFromHook: true, ...(id === undefined ? {} : { id }) };
    return new InferRequest({ modelName, modelVersion, content });
  }

  /** What the body says; read from the bytes when first asked for. */
  get content(): RequestContent {
    return this.#content ?? (this.source as ContentSource<RequestContent>).read();
  }

  /** The client's id; undefined when it sent none. */
  get id(): string | undefined {
    return this.content.id;
  }

  /** V2's parameters: strings, numbers, booleans. */
  get parameters(): Parameters {
    return this.content.parameters;
  }

  /** V1's top-level members other than `instances` and `inputs`, any JSON. */
  get members(): JsonObject {
    return this.content.members;
  }

  /** V2's requested outputs; undefined when all are wanted. */
  get requestedOutputs(): readonly RequestedOutput[] | undefined {
    return this.content.requestedOutputs;
  }

  get values(): Values {
    return this.content.values;
  }

  /** The rows as they came. */
  get instances(): readonly JsonValue[] {
    return this.content.values.rows();
  }

  /**
   * The rows, each validated by a Standard Schema (zod, valibot, …).
   * @throws InferenceError invalid_argument that names the place: `instances[3].url`, or `inputs.url[3]` for V2 clients.
   */
  rows<Output>(schema: RowSchema<Output>): Output[] {
    const { values, columnar } = this.content;
    const rows =
      schema.wantsBytes && values.native === "tensors"
        ? tensorsToByteRows(values.tensors(), values.maxRows)
        : values.rows();
    return validateRows(rows, schema, values.native === "tensors" || columnar === true ? "inputs" : "instances");
  }

  /** The columns. */
  get inputs(): readonly Tensor[] {
    return this.content.values.tensors();
  }

  /**
   * One column by name, or the only one; narrowed to `datatype` when given.
   * @throws InferenceError invalid_argument that names the inputs there are.
   */
  input(): Tensor;
  input<D extends Datatype = Datatype>(name: string | undefined, datatype?: D): Tensor<D>;
  input(name?: string, datatype?: Datatype): Tensor {
    return selectTensor(this.inputs, "input", name, datatype);
  }

  /**
   * The same request with other columns.
   * @throws InferenceError internal for what is no array of tensors, with what to write instead.
   */
  withInputs(tensors: readonly Tensor[]): InferRequest {
    assertTensors(tensors, "withInputs");
    return this.#with({ values: new TensorValues(tensors, "input", true) });
  }

  /** The same request with other rows. */
  withInstances(rows: readonly JsonValue[]): InferRequest {
    return this.#with({ values: new RowValues(rows, "input") });
  }

  withParameters(parameters: Parameters): InferRequest {
    return this.#with({ parameters, extrasFromHook: true });
  }

  withMembers(members: JsonObject): InferRequest {
    return this.#with({ members, extrasFromHook: true });
  }

  /** The same request to another model; bytes that nobody read stay unread. */
  withModel(modelName: string, modelVersion: string | undefined = this.modelVersion): InferRequest {
    return new InferRequest({ modelName, modelVersion, content: this.source ?? this.content });
  }

  /** A response made in `preprocess`: predict and postprocess are skipped. */
  reply(init: ResponseInit): InferResponse {
    return new InferResponse({ modelName: this.modelName, content: responseContentOf(init) });
  }

  /** SHA-256, hex, of what decides the response: model, rows or columns, parameters, members, requested outputs; not the id. */
  digest(): string {
    return digestContent(this.modelName, this.modelVersion, this.content);
  }

  static isInstance(value: unknown): value is InferRequest {
    return typeof value === "object" && hasBrand(value, "InferRequest");
  }

  #with(changes: Partial<RequestContent>): InferRequest {
    const { modelName, modelVersion } = this;
    return new InferRequest({ modelName, modelVersion, content: { ...this.content, ...changes } });
  }
}
