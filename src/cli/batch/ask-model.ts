import { Buffer } from "node:buffer";
import { formatJson } from "../../json/format-json.ts";
import { parseJson } from "../../json/parse-json.ts";
import { handleRequest } from "../../server/http/data-plane.ts";
import { isStream, toChunks } from "../../server/http/http-message.ts";
import type { ModelServer } from "../../server/model-server.ts";
import { isJsonObject, type JsonValue } from "../../tensor/json-value.ts";
import { type AskRows, RequestFailure } from "./run-batch.ts";

/** Rows through the pipeline of a server that does not listen: the same codecs, hooks, limits and listeners. */
export function createAskRows(server: ModelServer, modelName: string, signal: AbortSignal): AskRows {
  const path = `/v1/models/${encodeURIComponent(modelName)}:predict`;
  const headers = { "content-type": "application/json" };
  return async (rows) => {
    const body = [Buffer.from(`{"instances":[${rows.join(",")}]}`)];
    const response = await handleRequest(server, { method: "POST", path, query: "", headers, body, signal });
    if (response === undefined || isStream(response.body)) throw new TypeError(`${path} gave no whole response`);
    const value = parseJson(Buffer.concat(toChunks(response.body)), { maxDepth: server.options.limits.maxJsonDepth });
    const members = isJsonObject(value) ? value : {};
    if (response.status !== 200) {
      const { error, code } = members;
      const told = typeof error === "string" ? error : formatJson(value);
      throw new RequestFailure({ status: response.status, code: String(code ?? "internal"), error: told });
    }
    return predictionsOf(members["predictions"], rows.length).map((prediction) => formatJson(prediction as never));
  };
}

/** @throws RequestFailure when there is not one prediction a row: nobody could tell which row has which. */
function predictionsOf(predictions: JsonValue | undefined, rows: number): readonly JsonValue[] {
  if (Array.isArray(predictions) && predictions.length === rows) return predictions as readonly JsonValue[];
  const got = Array.isArray(predictions) ? predictions.length : "none";
  throw new RequestFailure({ status: 500, code: "internal", error: `expected ${rows} predictions, got ${got}` });
}
