import type { ModelMetadata } from "../../inference/model-metadata.ts";
import { isDatatype } from "../../tensor/datatype.ts";
import type { TensorSpec } from "../../tensor/tensor.ts";

/**
 * V2's model metadata as predictors write it (missing and `null` members included); undefined when it is none, or names a
 * datatype that is unknown here, and so says nothing to go by.
 */
export function parseModelMetadata(value: unknown): ModelMetadata | undefined {
  if (!isObject(value) || typeof value["name"] !== "string") return undefined;
  const inputs = parseSpecs(value["inputs"]);
  const outputs = parseSpecs(value["outputs"]);
  if (inputs === undefined || outputs === undefined) return undefined;
  const { versions, platform } = value;
  return {
    name: value["name"],
    ...(Array.isArray(versions) ? { versions: versions.map(String) } : {}),
    ...(typeof platform === "string" && platform !== "" ? { platform } : {}),
    inputs,
    outputs,
  };
}

/** The extensions that V2's server metadata lists. */
export function parseExtensions(value: unknown): readonly string[] {
  const extensions = isObject(value) ? value["extensions"] : undefined;
  return Array.isArray(extensions) ? extensions.map(String) : [];
}

function parseSpecs(value: unknown): readonly TensorSpec[] | undefined {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) return undefined;
  const specs = value.map(parseSpec);
  return specs.every((spec) => spec !== undefined) ? specs : undefined;
}

function parseSpec(value: unknown): TensorSpec | undefined {
  if (!isObject(value)) return undefined;
  const { name, datatype, shape } = value;
  if (typeof name !== "string" || !isDatatype(datatype) || !Array.isArray(shape)) return undefined;
  const sizes = shape.map(Number);
  return sizes.every(Number.isInteger) ? { name, datatype, shape: sizes } : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
