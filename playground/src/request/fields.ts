import type { ModelDeclaration } from "../api.ts";

/** One field of a record, from its JSON schema. */
export interface Field {
  readonly name: string;
  readonly kind: "text" | "number" | "integer" | "boolean" | "choice" | "json";
  readonly isRequired: boolean;
  readonly description?: string;
  readonly choices?: readonly (string | number)[];
  readonly minimum?: number;
  readonly maximum?: number;
}

export interface Fields {
  readonly fields: readonly Field[];
  /** True for rows that are `{url}` or `{b64}`. */
  readonly isPicture: boolean;
}

interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly enum?: readonly (string | number)[];
  readonly const?: string | number;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly description?: string;
  readonly title?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
}

/** The fields of a row; undefined where the model does not say, no fields where a row is no record. */
export function fieldsOf(schema: JsonSchema | undefined): Fields | undefined {
  if (schema === undefined) return undefined;
  const names = alternatives(schema).flatMap(({ properties = {} }) => Object.keys(properties));
  const isPicture = names.includes("b64");
  const { properties = {}, required = [] } = schema;
  const fields = Object.entries(properties).map(([name, property]) => fieldOf(name, property, required.includes(name)));
  return { fields, isPicture };
}

function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  return [schema, ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])];
}

function fieldOf(name: string, schema: JsonSchema, isRequired: boolean): Field {
  const inner =
    alternatives(schema).find(({ type, enum: choices }) => (type !== undefined && type !== "null") || choices) ??
    schema;
  const consts = (schema.anyOf ?? schema.oneOf ?? []).flatMap((each) => (each.const === undefined ? [] : [each.const]));
  const choices = inner.enum ?? (consts.length > 1 ? consts : undefined);
  const description = schema.description ?? inner.description;
  const limits = {
    ...(inner.minimum === undefined || inner.minimum < -1e15 ? {} : { minimum: inner.minimum }),
    ...(inner.maximum === undefined || inner.maximum > 1e15 ? {} : { maximum: inner.maximum }),
  };
  return {
    name,
    kind: choices === undefined ? kindOf(inner.type) : "choice",
    isRequired,
    ...(description === undefined ? {} : { description }),
    ...(choices === undefined ? {} : { choices }),
    ...limits,
  };
}

function kindOf(type: JsonSchema["type"]): Field["kind"] {
  const types = new Set(typeof type === "string" ? [type] : (type ?? []));
  types.delete("null");
  if (types.size !== 1) return "json";
  if (types.has("string")) return "text";
  if (types.has("number")) return "number";
  if (types.has("integer")) return "integer";
  return types.has("boolean") ? "boolean" : "json";
}

/** A record with every required choice made, so that the form can be sent. */
export function initialRecord(fields: Fields | undefined): Record<string, unknown> {
  const entries = (fields?.fields ?? []).flatMap(({ name, kind, choices, isRequired }): [string, unknown][] => {
    if (!isRequired) return [];
    if (kind === "choice") return [[name, choices?.[0]]];
    if (kind === "boolean") return [[name, false]];
    return [[name, kind === "text" ? "" : kind === "json" ? null : 0]];
  });
  return Object.fromEntries(entries);
}

/** Name of the field that a text belongs in; undefined where a row is the text itself. */
export function textField({ rowSchema, inputs }: ModelDeclaration): string | undefined {
  const { fields = [] } = fieldsOf(rowSchema) ?? {};
  const texts = fields.filter(({ kind }) => kind === "text");
  const field = texts.find(({ isRequired }) => isRequired) ?? texts[0];
  if (field !== undefined) return field.name;
  return inputs?.length === 1 && inputs[0]?.datatype === "BYTES" ? inputs[0].name : undefined;
}
