import { STATUS } from "../../../errors.ts";
import { rowJsonSchema } from "../../../inference/checks/standard-schema.ts";
import type { Datatype } from "../../../tensor/datatype.ts";
import type { TensorSpec } from "../../../tensor/tensor.ts";
import type { Transformer } from "../../../transformer/transformer.ts";

export type Schema = Readonly<Record<string, unknown>>;

export const ERROR: Schema = {
  type: "object",
  required: ["error"],
  properties: {
    error: { description: "What was wrong, or OpenAI's error object" },
    code: { enum: Object.keys(STATUS) },
    request_id: { type: "string" },
  },
};

const TENSOR: Schema = {
  type: "object",
  required: ["name", "shape", "datatype"],
  properties: {
    name: { type: "string" },
    shape: { type: "array", items: { type: "integer", minimum: 0 } },
    datatype: { type: "string" },
    parameters: { type: "object" },
    data: { type: "array", description: "Flat or nested" },
  },
};

/** What a model takes and gives in V1 and V2, as far as its transformer declares it. */
export interface ModelSchemas {
  readonly v1Request: Schema;
  readonly v1Response: Schema;
  readonly v2Request: Schema;
  readonly v2Response: Schema;
  /** Bodies to try, by name. */
  readonly v1Examples: Schema;
  readonly v2Examples: Schema;
}

export function schemasOf(transformer: Transformer<unknown> | undefined): ModelSchemas {
  const { inputs, outputs, rowSchema } = transformer ?? {};
  const row = rowSchema && rowJsonSchema(rowSchema);
  return {
    v1Request: {
      type: "object",
      properties: { instances: { type: "array", ...(row && { items: row }) }, inputs: { description: "Columns" } },
    },
    v1Response: {
      type: "object",
      properties: {
        predictions: { type: "array", ...(outputs && { items: rowOf(outputs) }) },
        outputs: { description: "Columns, for a request with inputs" },
      },
    },
    v2Request: {
      type: "object",
      required: ["inputs"],
      properties: {
        id: { type: "string" },
        parameters: { type: "object" },
        inputs: { type: "array", items: TENSOR, ...described(inputs) },
        outputs: {
          type: "array",
          items: {
            type: "object",
            required: ["name"],
            properties: { name: { type: "string" }, parameters: { type: "object" } },
          },
        },
      },
    },
    v2Response: {
      type: "object",
      properties: {
        id: { type: "string" },
        model_name: { type: "string" },
        model_version: { type: "string" },
        outputs: { type: "array", items: TENSOR, ...described(outputs) },
      },
    },
    v1Examples: transformer === undefined ? {} : declaredExamples(transformer, row),
    v2Examples: inputs === undefined ? {} : { "declared inputs": { value: { inputs: inputs.map(zeros) } } },
  };
}

/** `image FP32 [-1, 192, 192, 3]`: tensors are told apart by name, not by place. */
function described(specs: readonly TensorSpec[] | undefined): Schema {
  if (specs === undefined) return {};
  return {
    description: specs.map(({ name, datatype, shape }) => `${name} ${datatype} [${shape.join(", ")}]`).join("; "),
  };
}

/** One output gives bare values, several give objects. */
function rowOf(outputs: readonly TensorSpec[]): Schema {
  const [only, ...others] = outputs;
  if (only !== undefined && others.length === 0) return schemaOf(only);
  return { type: "object", properties: Object.fromEntries(outputs.map((spec) => [spec.name, schemaOf(spec)])) };
}

function schemaOf({ datatype, shape }: TensorSpec): Schema {
  let schema: Schema = { type: jsonType(datatype) };
  for (let depth = 1; depth < shape.length; depth++) schema = { type: "array", items: schema };
  return schema;
}

function jsonType(datatype: Datatype): string {
  if (datatype === "BYTES") return "string";
  if (datatype === "BOOL") return "boolean";
  return datatype.startsWith("FP") || datatype === "BF16" ? "number" : "integer";
}

const MAX_EXAMPLE_ELEMENTS = 64;

function zeros({ name, datatype, shape }: TensorSpec): Schema {
  const sizes = shape.map((size) => (size < 0 ? 1 : size));
  const elements = sizes.reduce((product, size) => product * size, 1);
  const zero = datatype === "BYTES" ? "" : datatype === "BOOL" ? false : 0;
  return { name, datatype, shape: sizes, data: new Array(Math.min(elements, MAX_EXAMPLE_ELEMENTS)).fill(zero) };
}

/** `static examples`: rows, or whole requests; a text stands for the row's one text field. */
function declaredExamples(transformer: Transformer<unknown>, row: Schema | undefined): Schema {
  const { examples } = transformer.constructor as { readonly examples?: unknown };
  if (typeof examples !== "object" || examples === null) return {};
  return Object.fromEntries(
    Object.entries(examples).flatMap(([name, value]) => {
      const isRequest = typeof value === "object" && value !== null && ("instances" in value || "inputs" in value);
      const field = typeof value === "string" ? textField(row) : undefined;
      const given: unknown = field === undefined ? value : { [field]: value };
      return [[name, { value: isRequest ? value : { instances: Array.isArray(given) ? given : [given] } }]];
    }),
  );
}

function textField(row: Schema | undefined): string | undefined {
  const properties = Object.entries((row?.["properties"] ?? {}) as Readonly<Record<string, Schema>>);
  return properties.find(([, { type }]) => type === "string")?.[0];
}
