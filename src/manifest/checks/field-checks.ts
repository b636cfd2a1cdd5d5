import { nearestName } from "../../nearest-name.ts";
import type { Edit, Field } from "./field.ts";
import { error, type Remark } from "./finding.ts";
import { COMPONENT, CONTAINER, INFERENCE_SERVICE, INFERENCE_SERVICE_SPEC, MODEL } from "./known-fields.ts";
import type { ServiceCheckTable } from "./service/service.ts";
import type { ObjectShape, Shape } from "./shape.ts";

export const FIELD_CHECKS: ServiceCheckTable = {
  "unknown-field": ({ root }) => findUnknownFields(root, INFERENCE_SERVICE),
  "field-type": ({ root }) => findWrongTypes(root, INFERENCE_SERVICE),
};

/** Names that the API server does not know: refused, or dropped without a word where validation is off. */
export function* findUnknownFields(root: Field, known: ObjectShape): Iterable<Remark> {
  for (const [field, name, shape] of walk(root, known)) {
    if (typeof shape !== "object" || !("fields" in shape) || name in shape.fields) continue;
    yield error(
      field,
      `KServe 0.20 knows no such field: kubectl refuses it, and without strict validation it is dropped.`,
      mendUnknown(field.path, name, shape),
      fixUnknown(field, name, shape),
    );
  }
}

/** Values of another type than the field's: an env value that is a number, a count in quotes. */
export function* findWrongTypes(root: Field, known: ObjectShape): Iterable<Remark> {
  for (const [field, name, parent] of walk(root, known)) {
    const shape = childShape(parent, name);
    const wanted = shape === undefined || field.scalar === null ? undefined : mismatch(field, shape);
    if (wanted === undefined) continue;
    const message = `${describe(field)} stands where ${wanted.kind} must: the object is refused.`;
    yield error(field, message, wanted.fix, fixType(field, shape));
  }
}

/** Every field below, with its own name (`[]` for entries of a list) and the shape of its parent. */
function* walk(field: Field, shape: Shape): Iterable<[Field, string, Shape]> {
  for (const [name, child] of field.fields()) {
    if (typeof shape !== "object" || "list" in shape) continue;
    yield [child, name, shape];
    const next = childShape(shape, name);
    if (next !== undefined) yield* walk(child, next);
  }
  if (typeof shape === "object" && "list" in shape) {
    for (const item of field.items()) {
      yield [item, "[]", shape];
      yield* walk(item, shape.list);
    }
  }
}

function childShape(shape: Shape, name: string): Shape | undefined {
  if (typeof shape !== "object") return undefined;
  if ("list" in shape) return shape.list;
  return "map" in shape ? shape.map : shape.fields[name];
}

const HOMES: readonly (readonly [place: string, shape: ObjectShape])[] = [
  ["a container, below containers:", CONTAINER],
  ["spec.predictor.model", MODEL],
  ["spec.transformer or spec.predictor", COMPONENT],
  ["spec", INFERENCE_SERVICE_SPEC],
];

/** The field under the name that was meant, where nothing has that name yet. */
function fixUnknown(field: Field, name: string, shape: ObjectShape): Edit | undefined {
  if (/^spec\.(transformer\.(model|protocolVersion|custom)|default)$/.test(field.path)) return undefined;
  const near = nearestName(name, Object.keys(shape.fields));
  return near === undefined ? undefined : field.toRenamed(near);
}

function mendUnknown(path: string, name: string, shape: ObjectShape): string {
  if (/^spec\.transformer\.(model|protocolVersion)$/.test(path)) {
    return "A transformer takes its protocol as an argument: args: [--predictor_protocol, v2]; the model stays in spec.predictor.";
  }
  if (path === "spec.transformer.custom")
    return "Write what is below custom.container as the first entry of containers.";
  if (path === "spec.default") return "This is v1alpha2: write its predictor and transformer directly below spec.";
  const near = nearestName(name, Object.keys(shape.fields));
  if (near !== undefined) return `Write ${near}.`;
  const home = HOMES.find(([, known]) => name in known.fields);
  return home === undefined ? "Remove it." : `It belongs into ${home[0]}.`;
}

/** Quotes where a text must stand, and none where a number or a boolean must. */
function fixType(field: Field, shape: Shape | undefined): Edit | undefined {
  const { scalar, source } = field;
  if (shape === "text" && field.kind === "scalar") return field.toWritten(JSON.stringify(source));
  const isPlain =
    (shape === "integer" && /^\d{1,15}$/.test(String(scalar))) ||
    (shape === "boolean" && /^(true|false)$/.test(String(scalar)));
  return isPlain ? field.toWritten(String(scalar)) : undefined;
}

function mismatch(field: Field, shape: Shape): { kind: string; fix: string } | undefined {
  if (shape === "any") return undefined;
  if (typeof shape === "object") {
    if ("list" in shape) {
      return field.kind === "list"
        ? undefined
        : { kind: "a list", fix: `Begin each entry below ${field.path} with "- ".` };
    }
    return field.kind === "map" ? undefined : { kind: "a map", fix: "Write its fields below it, indented." };
  }
  const { scalar } = field;
  switch (shape) {
    case "text":
      if (typeof scalar === "string") return undefined;
      return {
        kind: "text",
        fix: field.kind === "scalar" ? `Write it in quotes: "${field.source}".` : "Write a text.",
      };
    case "integer":
      if (typeof scalar === "number" && Number.isInteger(scalar)) return undefined;
      return {
        kind: "a whole number",
        fix: /^\d+$/.test(String(scalar)) ? "Write it without quotes." : "Write a whole number.",
      };
    case "boolean":
      if (typeof scalar === "boolean") return undefined;
      return { kind: "true or false", fix: "Write true or false, without quotes." };
    case "quantity":
      if (typeof scalar === "string" || typeof scalar === "number") return undefined;
      return { kind: "a number or a text", fix: "Write a value such as 8080 or 500m." };
  }
}

function describe(field: Field): string {
  if (field.kind === "map") return "A map";
  if (field.kind === "list") return "A list";
  const { scalar, source } = field;
  if (typeof scalar === "string") return `The text "${scalar}"`;
  return `The ${typeof scalar === "boolean" ? "boolean" : "number"} ${source}`;
}
