import { createHash } from "node:crypto";
import type { JsonValue } from "../tensor/json-value.ts";
import type { RequestContent } from "./content.ts";

/** SHA-256, hex, of what decides the response to a request; equal content has equal digests, whatever its id. */
export function digestContent(modelName: string, modelVersion: string | undefined, content: RequestContent): string {
  const hash = createHash("sha256");
  const form = content.columnar === true ? "columns" : content.values.native;
  hash.update(formatCanonicalJson([modelName, modelVersion ?? null, form, content.parameters, content.members]));
  hash.update(formatCanonicalJson((content.requestedOutputs ?? []).map(({ name, parameters }) => [name, parameters])));
  if (content.values.native === "rows") return hash.update(formatCanonicalJson(content.values.rows())).digest("hex");
  for (const { name, datatype, shape, data, parameters } of content.values.tensors()) {
    hash.update(formatCanonicalJson([name, datatype, shape, parameters ?? {}]));
    if (ArrayBuffer.isView(data)) hash.update(data);
    else for (const element of data) hash.update(`${element.length}:`).update(element);
  }
  return hash.digest("hex");
}

/** JSON with sorted keys; bigint is written as digits, so 1n and 1 are one value, as they are on the wire; -0 is not 0. */
export function formatCanonicalJson(value: JsonValue): string {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  if (Object.is(value, -0)) return "-0";
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(formatCanonicalJson).join(",")}]`;
  const entries = Object.entries(value as Record<string, JsonValue>).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, member]) => `${JSON.stringify(key)}:${formatCanonicalJson(member)}`).join(",")}}`;
}
