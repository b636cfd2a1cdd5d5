import { existsSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Ajv, type ValidateFunction } from "ajv";
import { parse } from "yaml";

const folder = process.env["KSERVE_TRANSFORMER_SHARED"] ?? fileURLToPath(new URL("../../../shared", import.meta.url));

/** KServe's own definitions and what its controller did, where this machine has them. */
export const reference = resolve(folder, "reference");
export const hasReference: boolean = existsSync(resolve(reference, "crd"));

/** `describe` where the reference is there, a visible skip where it is not. */
export const describeWithReference: typeof describe.skip = hasReference ? describe : describe.skip;

interface JsonSchema {
  readonly [keyword: string]: unknown;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

/** The OpenAPI schema of `spec` of an InferenceService, v1beta1, or of another of KServe's kinds. */
export function readSpecSchema(kind = "inferenceservices"): JsonSchema {
  const file = resolve(reference, `crd/serving.kserve.io_${kind}.yaml`);
  const definition = parse(readFileSync(file, "utf8"));
  return definition.spec.versions[0].schema.openAPIV3Schema.properties.spec;
}

/** A validator that forbids what the schema does not name, as the API server's strict decoding does. */
export function compileStrict(schema: JsonSchema): ValidateFunction {
  const ajv = new Ajv({ allErrors: true, strict: false, code: { optimize: false } });
  return ajv.compile(forbidUnknown(schema) as object);
}

function forbidUnknown(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(forbidUnknown);
  if (typeof schema !== "object" || schema === null) return schema;
  const { format, default: _, description, ...rest } = schema as Record<string, unknown>;
  const strict: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(rest)) {
    if (keyword.startsWith("x-")) continue;
    const isNamed = keyword === "properties" && typeof value === "object" && value !== null;
    strict[keyword] = isNamed
      ? Object.fromEntries(Object.entries(value).map(([name, below]) => [name, forbidUnknown(below)]))
      : forbidUnknown(value);
  }
  const isOpen = "additionalProperties" in rest || rest["x-kubernetes-preserve-unknown-fields"] === true;
  if ("properties" in rest && !isOpen) strict["additionalProperties"] = false;
  return strict;
}
