import type { ModelDeclaration } from "../api.ts";
import { type Fields, fieldsOf, initialRecord, textField } from "./fields.ts";

export type Mode = "picture" | "text" | "record" | "tensors" | "json";

export interface Picture {
  readonly name: string;
  /** Of its bytes; undefined for a URL that the transformer downloads. */
  readonly base64?: string;
  readonly url?: string;
  /** For the thumbnail. */
  readonly preview?: string;
}

export interface TensorDraft {
  readonly name: string;
  readonly datatype: string;
  readonly shape: string;
  /** JSON, flat or nested. */
  readonly data: string;
}

/** What the form holds; every mode keeps its own while another one is shown. */
export interface Draft {
  readonly mode: Mode;
  readonly pictures: readonly Picture[];
  readonly text: string;
  readonly record: Readonly<Record<string, unknown>>;
  readonly tensors: readonly TensorDraft[];
  readonly json: string;
}

export interface ModeInfo {
  readonly mode: Mode;
  readonly title: string;
}

export const MODES: readonly ModeInfo[] = [
  { mode: "picture", title: "Picture" },
  { mode: "text", title: "Text" },
  { mode: "record", title: "Record" },
  { mode: "tensors", title: "Tensors" },
  { mode: "json", title: "JSON" },
];

export function createDraft(model: ModelDeclaration): Draft {
  const fields = fieldsOf(model.rowSchema);
  return {
    mode: preferredMode(model, fields),
    pictures: [],
    text: "",
    record: initialRecord(fields),
    tensors: specsOf(model).map(({ name, datatype, shape }) => ({
      name,
      datatype,
      shape: JSON.stringify(shape.map((size) => (size < 0 ? 1 : size))),
      data: "",
    })),
    json: '{\n  "instances": []\n}',
  };
}

/** Declared inputs of the transformer; without hooks those of the predictor, which the client then speaks to. */
function specsOf(model: ModelDeclaration) {
  if (model.inputs !== undefined) return model.inputs;
  return model.hooks.includes("preprocess") ? [] : (model.predictorMetadata?.inputs ?? []);
}

function preferredMode(model: ModelDeclaration, fields: Fields | undefined): Mode {
  const kinds = new Set(model.examples.map(({ kind }) => kind));
  if (fields?.isPicture || kinds.has("picture")) return "picture";
  if (fields !== undefined && textField(model) !== undefined && fields.fields.length <= 1) return "text";
  if (fields !== undefined && fields.fields.length > 0) return "record";
  if (specsOf(model).length > 0) return "tensors";
  return kinds.has("text") ? "text" : "json";
}

/** The request as JSON. @throws Error that says what is missing in the form. */
export function bodyOf(draft: Draft, model: ModelDeclaration): string {
  switch (draft.mode) {
    case "json":
      return draft.json;
    case "picture": {
      if (draft.pictures.length === 0)
        throw new Error("Choose a picture first: drop one, paste one, or take an example.");
      return formatBody({
        instances: draft.pictures.map(({ url, base64 }) => (url === undefined ? { b64: base64 } : { url })),
      });
    }
    case "text": {
      if (draft.text === "") throw new Error("Write a text first.");
      const field = textField(model);
      return formatBody({ instances: [field === undefined ? draft.text : { [field]: draft.text }] });
    }
    case "record":
      return formatBody({ instances: [draft.record] });
    case "tensors":
      return formatBody({ inputs: draft.tensors.map(tensorOf) });
  }
}

function tensorOf({ name, datatype, shape, data }: TensorDraft) {
  return { name, datatype, shape: parsed(shape, `shape of ${name}`), data: parsed(data, `data of ${name}`) };
}

function parsed(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`The ${what} is not JSON: expected ${what.startsWith("shape") ? "[1, 4]" : "[5.1, 3.5]"}.`);
  }
}

function formatBody(body: unknown): string {
  return JSON.stringify(body, undefined, 2);
}

/** OpenAI's form of a text: one message. Another body goes as it stands in the editor. */
export function completionBody(draft: Draft, model: ModelDeclaration): string {
  if (draft.mode !== "text") return bodyOf(draft, model);
  return formatBody({ model: model.name, messages: [{ role: "user", content: draft.text }] });
}

/** True for a body of OpenAI's routes. */
export function isCompletion({ mode, json }: Draft): boolean {
  if (mode !== "json") return false;
  try {
    const body = JSON.parse(json) as unknown;
    return isObject(body) && isOpenAi(body);
  } catch {
    return false;
  }
}

/** An example as the form takes it. */
export async function draftOfExample(draft: Draft, kind: string, name: string, blob: Blob): Promise<Draft> {
  if (kind === "picture") return { ...draft, mode: "picture", pictures: [await pictureOf(blob, name)] };
  const text = await blob.text();
  if (kind === "text") return { ...draft, mode: "text", text: text.trimEnd() };
  return draftOfJson(draft, text);
}

/** Rows, one row, or a whole request; a single record fills the form where there is one. */
export function draftOfJson(draft: Draft, text: string): Draft {
  const value = JSON.parse(text) as unknown;
  const isRequest = isObject(value) && ("instances" in value || "inputs" in value || isOpenAi(value));
  const body = isRequest ? value : { instances: Array.isArray(value) ? value : [value] };
  const { instances } = body as { readonly instances?: readonly unknown[] };
  const [row, ...others] = instances ?? [];
  const isRecord = isObject(row) && others.length === 0 && Object.keys(body).length === 1;
  if (isRecord && Object.keys(draft.record).length > 0) return { ...draft, mode: "record", record: row };
  return { ...draft, mode: "json", json: formatBody(body) };
}

/** A row may well have a field of the name prompt. */
function isOpenAi(body: Record<string, unknown>): boolean {
  return "messages" in body || ("model" in body && "prompt" in body);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export async function pictureOf(blob: Blob, name: string): Promise<Picture> {
  const url = await new Promise<string>((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(String(reader.result));
    reader.onerror = () => reject(reader.error ?? new Error("the file cannot be read"));
    reader.readAsDataURL(blob);
  });
  return { name, base64: url.slice(url.indexOf(",") + 1), preview: url };
}
