import { randomUUID } from "node:crypto";
import { error, type Finding, ok, skipped } from "../finding.ts";
import type { Ask, Reply } from "./ask.ts";
import { TORCHSERVE } from "./examine-protocol.ts";

export interface ModelOptions {
  readonly model: string;
  /** What /v2 says that the server is. */
  readonly server: string | undefined;
  /** The body of a request to send, V1's or V2's. */
  readonly input: string | undefined;
}

/** What the paths of our own server answer by. */
const OURS = "kserve-transformer";

/** Readiness, what stands behind the model, and which headers arrive. */
export async function examineModel(ask: Ask, options: ModelOptions): Promise<Finding[]> {
  const ready = await examineReadiness(ask, options);
  const predictor = ready.state === "error" ? [] : [await examinePredictor(ask, options)];
  return [ready, ...predictor, ...(await examineHeaders(ask, options))];
}

async function examineReadiness(ask: Ask, { model, server }: ModelOptions): Promise<Finding> {
  const name = encodeURIComponent(model);
  if (server === TORCHSERVE) {
    const { status, json } = (await ask("/ping")) ?? {};
    if (status === 200) return ok("service/readiness", "the server is; of one model it does not say");
    return error("service/readiness", `the server is ${json?.["status"] ?? "silent"}`, "Look at the server's log.");
  }
  const [v2, v1] = await Promise.all([ask(`/v2/models/${name}/ready`), ask(`/v1/models/${name}`)]);
  // A server of V1 alone refuses V2's path: TensorFlow Serving as malformed.
  const isV1 = v2 === undefined || v2.status === 404 || v2.status === 400;
  const reply = isV1 ? v1 : v2;
  if (reply?.status === 200 && isReady(reply)) return ok("service/readiness", `${model} is ready`);
  const said = reply === undefined ? "no response in time" : `${reply.status}${sentenceOf(reply)}`;
  return error(
    "service/readiness",
    `${model} is not ready (${said})`,
    server !== OURS
      ? "Look at the server's log, and whether it serves a model of this name."
      : "Look at the server's log: its load() has not ended or has thrown, its hook ready says no, or with --enable_predictor_health_check the predictor is not ready.",
  );
}

/** V1's `ready`, and the versions of TensorFlow Serving, of which one must be available. */
function isReady({ json }: Reply): boolean {
  const versions = json?.["model_version_status"];
  if (Array.isArray(versions)) return versions.some(({ state }) => state === "AVAILABLE");
  return json?.["ready"] !== false;
}

/** A request that was given says most; metadata asks the predictor where the transformer does not declare both sides. */
async function examinePredictor(ask: Ask, { model, input, server }: ModelOptions): Promise<Finding> {
  const name = encodeURIComponent(model);
  const isV2 = input !== undefined && /"inputs"\s*:\s*\[\s*\{\s*"name"/.test(input);
  const path = isV2 ? `/v2/models/${name}/infer` : `/v1/models/${name}:predict`;
  const reply = await (input === undefined
    ? ask(`/v2/models/${name}`)
    : ask(path, { headers: { "content-type": "application/json" }, body: input }));
  const what = input === undefined ? "its metadata" : "the request";
  if (reply === undefined) return unreachable(server, `${what} had no response in time`);
  if (reply.status >= 500 || (input !== undefined && reply.status === 404)) {
    return unreachable(server, `${what}: ${reply.status}${sentenceOf(reply)}`);
  }
  if (input !== undefined) {
    if (reply.status === 200) return ok("service/predictor", `responded to the request in ${path}`);
    return error(
      "service/predictor",
      `the request is refused: ${reply.status}${sentenceOf(reply)}`,
      "Fix the body of --input, or look up the code on the page of errors.",
    );
  }
  const isAsked = reply.status === 200 && server === OURS && reply.json?.["platform"] !== OURS;
  if (isAsked) return ok("service/predictor", "responds for the model's metadata");
  return skipped(
    "service/predictor",
    server === OURS ? "the model's metadata does not need it" : "no request was sent",
    "Give --input request.json to send a real request through to it.",
  );
}

function unreachable(server: string | undefined, message: string): Finding {
  return error(
    "service/predictor",
    message,
    server !== OURS
      ? "Look at the server's log, and whether the body of --input fits the model."
      : "Look at --predictor_host, --predictor_protocol and --predictor_model_name of the transformer; kserve-transformer doctor PREDICTOR_URL looks at the predictor itself.",
  );
}

/** A gateway may strip headers: ours are sent and looked for in what comes back. */
async function examineHeaders(ask: Ask, { model, server }: ModelOptions): Promise<Finding[]> {
  if (server !== OURS)
    return [skipped("service/headers", `${server ?? "the server"} does not say which headers arrived`)];
  const id = `doctor-${randomUUID()}`;
  const echo = await ask(`/v2/models/${id}/ready`, { headers: { "x-request-id": id } });
  const binary = await ask(`/v2/models/${encodeURIComponent(model)}/infer`, {
    headers: { "content-type": "application/octet-stream", "inference-header-content-length": "99999" },
    body: "{}",
  });
  const lost: Finding[] = [];
  if (echo?.headers["x-request-id"] !== id) {
    lost.push(headerLost("x-request-id", "logs on both sides of it cannot be joined"));
  }
  if (sentenceOf(binary).includes("got none")) {
    lost.push(headerLost("inference-header-content-length", "binary tensors cannot be read"));
  }
  return lost.length > 0
    ? lost
    : [ok("service/headers", "x-request-id comes back, the header of binary tensors arrives")];
}

function headerLost(name: string, consequence: string): Finding {
  return error(
    "service/headers",
    `${name} is lost on the way: ${consequence}`,
    "Let the gateway hand it on: look at its header rules (EnvoyFilter, HTTPRoute filters, nginx proxy_set_header) in both directions.",
  );
}

/** The message of an error body, where there is one. */
function sentenceOf(reply: Reply | undefined): string {
  const error = reply?.json?.["error"] ?? reply?.json?.["message"];
  return typeof error === "string" ? `: ${error.slice(0, 300)}` : "";
}
