import {
  assertNoTensorParameters,
  INTO_REQUEST,
  INTO_RESPONSE,
  membersWithParameters,
} from "../../convert/members-and-parameters.ts";
import { guardExtras, guardValues } from "../../convert/request-tensors.ts";
import { guardEncoding, PredictorValues } from "../../convert/response-faults.ts";
import { InferenceError } from "../../errors.ts";
import type { WireMessage } from "../../inference/content.ts";
import type { InferRequest } from "../../inference/infer-request.ts";
import type { InferResponse } from "../../inference/infer-response.ts";
import { readElements } from "../../inference/row-and-tensor-values.ts";
import type { Values } from "../../inference/values.ts";
import { formatJson } from "../../json/format-json.ts";
import { isJsonObject, type JsonObject } from "../../tensor/json-value.ts";
import { isBase64Object } from "../../tensor/nested/nested-array.ts";
import type { NonFiniteText } from "../../tensor/number-text/create-element-writer.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { BodyWriter } from "../body-writer.ts";
import type { EncodeRequestOptions, EncodeResponseOptions } from "../codec.ts";
import { AbsentValues } from "./absent-values.ts";
import { haveRows, writeColumns, writeJson, writeRows } from "./write-tensors.ts";

const HEADERS = { "content-type": "application/json" };

/**
 * A request for a V1 predictor: rows as they are; of tensors one gives bare rows, several give an object a row, and where
 * they have no common first dimension they go as columnar `inputs`.
 * @throws InferenceError invalid_argument for what V1 cannot carry: NaN, parameters of tensors.
 */
export function encodeRequest(request: InferRequest, { v1Form: form = "auto" }: EncodeRequestOptions): WireMessage {
  const { source } = request;
  // Nothing was changed, so the bytes say it best.
  if (source?.wire === "v1" && form === "auto") return { headers: HEADERS, body: source.message.body };
  const { values, parameters, members } = request.content;
  return guardExtras(request, () => {
    const known = membersWithParameters(members, parameters, INTO_REQUEST);
    if (values instanceof AbsentValues) return membersOnly(known);
    const writer = openBody(known);
    guardValues(request, () => writeValues(writer, values, form));
    return closeBody(writer);
  });
}

function writeValues(writer: BodyWriter, values: Values, form: "auto" | "rows" | "columns"): void {
  if (values.native === "rows" && form !== "columns") {
    writeJson(writer.text('"instances":'), values.rows(), "instances");
    return;
  }
  const tensors = values.tensors();
  assertNoTensorParameters(tensors);
  if (form === "rows" && !haveRows(tensors)) throw noRows(tensors, "inputs", "invalid_argument");
  if (form !== "columns" && haveRows(tensors)) {
    writeRows(writer.text('"instances":'), tensors);
  } else {
    // A nameless tensor has no name that the predictor would know.
    writeColumns(writer.text('"inputs":'), tensors, { named: tensors[0]?.name !== "input-0" });
  }
}

/**
 * A response for a V1 client: `predictions`, or `outputs` where it asked with columnar `inputs`.
 * @throws InferenceError internal for what V1 cannot carry: NaN without `nonFinite`, outputs without a common first dimension as rows.
 */
export function encodeResponse(response: InferResponse, { request, nonFinite }: EncodeResponseOptions): WireMessage {
  const { columnar = false } = request.content;
  const { values, parameters, members } = response.content;
  if (values.native === "tensors") readElements(values.tensors());
  return guardEncoding(() => {
    const known = membersWithParameters(members, parameters, INTO_RESPONSE);
    if (values instanceof AbsentValues) return membersOnly(known, nonFinite);
    const writer = openBody(known, nonFinite);
    writer.text(columnar ? '"outputs":' : '"predictions":');
    if (values.native === "rows" && !(columnar && values instanceof PredictorValues && isObjects(values.rows()))) {
      writeJson(writer, values.rows(), columnar ? "outputs" : "predictions", nonFinite);
      return closeBody(writer);
    }
    const tensors = values.tensors();
    if (columnar) {
      writeColumns(writer, tensors, { named: false, nonFinite });
    } else {
      if (tensors.length > 0 && !haveRows(tensors)) throw noRows(tensors, "outputs", "internal");
      writeRows(writer, tensors, nonFinite);
    }
    return closeBody(writer);
  });
}

function openBody(members: JsonObject, nonFinite?: NonFiniteText): BodyWriter {
  const writer = new BodyWriter().text("{");
  for (const [key, value] of Object.entries(members)) {
    if (value !== undefined) writer.text(`${JSON.stringify(key)}:${formatJson(value, key, nonFinite)},`);
  }
  return writer;
}

function membersOnly(members: JsonObject, nonFinite?: NonFiniteText): WireMessage {
  return { headers: HEADERS, body: new BodyWriter().text(formatJson(members, "body", nonFinite)).chunks };
}

function closeBody(writer: BodyWriter): WireMessage {
  return writer.text("}").message(HEADERS);
}

/** Rows of several outputs. */
function isObjects(rows: readonly unknown[]): boolean {
  const [first] = rows as readonly (JsonObject | undefined)[];
  return isJsonObject(first) && !isBase64Object(first);
}

function noRows(tensors: readonly Tensor[], what: string, code: "invalid_argument" | "internal"): InferenceError {
  const shapes = tensors.map(({ name, shape }) => `'${name}' [${shape.join(",")}]`).join(", ");
  return new InferenceError(`${what} have no common first dimension and so no rows: ${shapes}`, { code });
}
