import { brandClass, hasBrand } from "../brand.ts";
import type { Datatype } from "../tensor/datatype.ts";
import { describeData } from "../tensor/elements/assert-elements.ts";
import { authorsFault } from "../tensor/elements/authors-fault.ts";
import type { JsonObject, JsonValue } from "../tensor/json-value.ts";
import type { Parameters, Tensor } from "../tensor/tensor.ts";
import { assertTensors } from "./checks/assert-tensors.ts";
import type { ContentSource, ResponseContent } from "./content.ts";
import { RowValues, TensorValues } from "./row-and-tensor-values.ts";
import { selectTensor } from "./select-tensor.ts";
import type { Values } from "./values.ts";

/** A response in one of its two views. */
export type ResponseInit =
  | { readonly predictions: readonly JsonValue[]; readonly members?: JsonObject }
  | { readonly outputs: readonly Tensor[]; readonly parameters?: Parameters };

/** @throws InferenceError internal for predictions or outputs that are none. */
export function responseContentOf(init: ResponseInit): ResponseContent {
  if ("predictions" in init) {
    return { values: new RowValues(init.predictions, "output"), members: init.members ?? {}, parameters: {} };
  }
  if (!("outputs" in init)) {
    throw authorsFault(`reply takes { predictions: rows } or { outputs: tensors }, got ${describeData(init)}`);
  }
  assertTensors(init.outputs, "reply's outputs");
  return { values: new TensorValues(init.outputs, "output", true), members: {}, parameters: init.parameters ?? {} };
}

export interface InferResponseOptions {
  readonly modelName: string;
  readonly modelVersion?: string | undefined;
  /** The content, or bytes from which a codec reads it when first asked. */
  readonly content: ResponseContent | ContentSource<ResponseContent>;
}

/**
 * A response as hooks see it: one content in two views, rows (V1's predictions) and columns (V2's outputs). A value: every
 * change makes a new response. Id and model name are stamped when it is encoded, so a response may be kept and given again.
 */
export class InferResponse {
  static {
    brandClass(InferResponse, "InferResponse");
  }

  readonly modelName: string;
  readonly #modelVersion: string | undefined;
  /** The body as it came while nothing of it was changed, else undefined. */
  readonly source: ContentSource<ResponseContent> | undefined;
  readonly #content: ResponseContent | undefined;

  constructor(options: InferResponseOptions) {
    this.modelName = options.modelName;
    this.#modelVersion = options.modelVersion;
    if ("read" in options.content) this.source = options.content;
    else this.#content = options.content;
  }

  /** What the body says; read from the bytes when first asked for. */
  get content(): ResponseContent {
    return this.#content ?? (this.source as ContentSource<ResponseContent>).read();
  }

  /** The predictor's model version; undefined where it gave none. */
  get modelVersion(): string | undefined {
    return this.#modelVersion ?? this.content.modelVersion;
  }

  get parameters(): Parameters {
    return this.content.parameters;
  }

  /** V1's top-level members other than `predictions` and `outputs`. */
  get members(): JsonObject {
    return this.content.members;
  }

  get values(): Values {
    return this.content.values;
  }

  /** The rows: bare values for one output, objects keyed by output name for several. */
  get predictions(): readonly JsonValue[] {
    return this.content.values.rows();
  }

  /** The columns. */
  get outputs(): readonly Tensor[] {
    return this.content.values.tensors();
  }

  /**
   * One column by name, or the only one; narrowed to `datatype` when given.
   * @throws InferenceError bad_gateway that names the outputs there are.
   */
  output(): Tensor;
  output<D extends Datatype = Datatype>(name: string | undefined, datatype?: D): Tensor<D>;
  output(name?: string, datatype?: Datatype): Tensor {
    return selectTensor(this.outputs, "output", name, datatype);
  }

  /** The same response with other rows. */
  withPredictions(rows: readonly JsonValue[]): InferResponse {
    return this.#with({ values: new RowValues(rows, "output") });
  }

  /**
   * The same response with other columns.
   * @throws InferenceError internal for what is no array of tensors, with what to write instead.
   */
  withOutputs(tensors: readonly Tensor[]): InferResponse {
    assertTensors(tensors, "withOutputs");
    return this.#with({ values: new TensorValues(tensors, "output", true) });
  }

  withParameters(parameters: Parameters): InferResponse {
    return this.#with({ parameters });
  }

  withMembers(members: JsonObject): InferResponse {
    return this.#with({ members });
  }

  static isInstance(value: unknown): value is InferResponse {
    return typeof value === "object" && hasBrand(value, "InferResponse");
  }

  #with(changes: Partial<ResponseContent>): InferResponse {
    return new InferResponse({
      modelName: this.modelName,
      modelVersion: this.#modelVersion,
      content: { ...this.content, ...changes },
    });
  }
}
