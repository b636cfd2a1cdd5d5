import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { WireMessage } from "../../inference/content.ts";
import { joinChunks } from "../body-bytes.ts";
import { MAX_FIELDS, MODEL_NAME, MODEL_VERSION, reading } from "./infer-message.ts";
import { FieldReader } from "./wire/field-reader.ts";

/** Which model a `ModelInferRequest` is for; nothing else of it is read. */
export interface ModelOfMessage {
  readonly modelName: string;
  /** Undefined where the client leaves the choice to the server. */
  readonly modelVersion: string | undefined;
}

/** @throws InferenceError invalid_argument when the bytes are no protobuf message. */
export function readModel(bytes: Uint8Array): ModelOfMessage {
  return reading("ModelInferRequest", () => {
    const reader = new FieldReader(bytes, MAX_FIELDS);
    let modelName = "";
    let modelVersion = "";
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      if (field === MODEL_NAME && type === WireType.LengthDelimited) modelName = reader.string(true);
      else if (field === MODEL_VERSION && type === WireType.LengthDelimited) modelVersion = reader.string(true);
      else reader.skip(type, field);
    }
    return { modelName, modelVersion: modelVersion === "" ? undefined : modelVersion };
  });
}

/** True when the message has this field; undefined says no message, and has none. */
export function hasField(message: WireMessage | undefined, wanted: number): boolean {
  if (message === undefined) return false;
  return reading("message", () => {
    const reader = new FieldReader(joinChunks(message.body), MAX_FIELDS);
    while (reader.pos < reader.len) {
      const [field, type] = reader.tag();
      if (field === wanted) return true;
      reader.skip(type, field);
    }
    return false;
  });
}

/** The same message under another model name; all other bytes are views of those that came. */
export function replaceModelName(message: WireMessage, modelName: string): WireMessage {
  return reading("message", () => {
    const bytes = joinChunks(message.body);
    const reader = new FieldReader(bytes, MAX_FIELDS);
    const kept: Uint8Array[] = [];
    let from = 0;
    let same = false;
    while (reader.pos < reader.len) {
      const start = reader.pos;
      const [field, type] = reader.tag();
      if (field === MODEL_NAME && type === WireType.LengthDelimited) {
        same = reader.string() === modelName && !same && kept.length === 0;
        if (start > from) kept.push(bytes.subarray(from, start));
        from = reader.pos;
      } else reader.skip(type, field);
    }
    if (same) return message;
    kept.push(bytes.subarray(from));
    const head = new BinaryWriter().tag(MODEL_NAME, WireType.LengthDelimited).string(modelName).finish();
    return { headers: message.headers, body: [head, ...kept] };
  });
}
