import { InferenceError, invalidArgument } from "../../errors.ts";
import type { Verb } from "../../inference/inference-client.ts";
import { nearestName } from "../../nearest-name.ts";
import type { CompletionEndpoint } from "../../transformer/transformer.ts";

/** What a path asks for; the data plane has one handler for each kind. */
export type Route =
  | InferRoute
  | CompletionRoute
  | { readonly kind: "metrics" | "v1-models" | "v2-models" | "live" | "ready" | "server-metadata" | "repository-index" }
  | { readonly kind: "openai-models"; readonly model?: string }
  | { readonly kind: "v1-model"; readonly model: string }
  | {
      readonly kind: "model-metadata" | "model-ready" | "model-config";
      readonly model: string;
      readonly version?: string;
    }
  /** Without a model: of all. */
  | { readonly kind: "model-statistics"; readonly model?: string; readonly version?: string }
  | { readonly kind: "repository-load" | "repository-unload"; readonly model: string };

export interface InferRoute {
  readonly kind: "infer";
  readonly protocol: "v1" | "v2";
  readonly verb: Verb;
  readonly model: string;
  readonly version?: string;
}

export interface CompletionRoute {
  readonly kind: "completion";
  readonly endpoint: CompletionEndpoint;
  readonly model?: string;
  readonly version?: string;
}

const POSTS: ReadonlySet<string> = new Set(["infer", "completion", "repository-load", "repository-unload"]);

/** Method that a kind of route takes. */
export function methodOf({ kind }: Route): "GET" | "POST" {
  return POSTS.has(kind) || kind === "repository-index" ? "POST" : "GET";
}

/**
 * The route of a path, or undefined when the path is none of the data plane's: KServe's V1, the Open Inference Protocol V2
 * with its generate extension, and OpenAI's routes below `openaiPrefix`. A path with a slash at its end is the same path.
 * @throws InferenceError invalid_argument for a percent-encoding that is none, and for a model or version of dots.
 */
export function matchRoute(path: string, openaiPrefix = "/openai"): Route | undefined {
  const plain = path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
  if (plain.startsWith("/v1/models")) return matchV1(plain);
  if (plain === "/metrics") return { kind: "metrics" };
  if (plain.startsWith("/v2")) return matchV2(plain);
  if (plain.startsWith(`${openaiPrefix}/v1/`)) return matchOpenai(plain.slice(openaiPrefix.length + "/v1/".length));
  return undefined;
}

function matchV1(path: string): Route | undefined {
  if (path === "/v1/models") return { kind: "v1-models" };
  if (!path.startsWith("/v1/models/")) return undefined;
  const [name = "", area, version, ...rest] = path.slice("/v1/models/".length).split("/").map(decodeSegment);
  if (name === "" || rest.length > 0) return undefined;
  if (area === undefined) {
    const { before, verb } = splitVerb(name);
    return verb === undefined
      ? { kind: "v1-model", model: name }
      : { kind: "infer", protocol: "v1", verb, model: before };
  }
  if (area !== "versions" || version === undefined || version === "") return undefined;
  const { before, verb } = splitVerb(version);
  if (verb !== undefined) {
    assertNoDots(before);
    return before === "" ? undefined : { kind: "infer", protocol: "v1", verb, model: name, version: before };
  }
  return version.includes(":") ? undefined : { kind: "v1-model", model: name };
}

function splitVerb(text: string): { readonly before: string; readonly verb?: Verb } {
  const colon = text.lastIndexOf(":");
  const verb = colon < 0 ? "" : text.slice(colon + 1);
  if (verb === "predict" || verb === "explain") return { before: text.slice(0, colon), verb };
  assertSpelt(verb, ["predict", "explain"], ":");
  return { before: text };
}

/** @throws InferenceError not_found for a word that is almost a known one. */
function assertSpelt(word: string, known: readonly string[], mark: ":" | "/"): void {
  const near = word === "" ? undefined : nearestName(word, known);
  if (near === undefined) return;
  throw new InferenceError(`there is no ${mark}${word}: did you mean ${mark}${near}?`, { code: "not_found" });
}

function matchV2(path: string): Route | undefined {
  switch (path) {
    case "/v2":
      return { kind: "server-metadata" };
    case "/v2/models":
      return { kind: "v2-models" };
    case "/v2/models/stats":
      return { kind: "model-statistics" };
    case "/v2/health/live":
      return { kind: "live" };
    case "/v2/health/ready":
      return { kind: "ready" };
    case "/v2/repository/index":
      return { kind: "repository-index" };
  }
  const [, , area, ...segments] = path.split("/");
  if (area === "repository") return matchRepository(segments);
  return area === "models" ? matchV2Model(segments.map(decodeSegment)) : undefined;
}

function matchV2Model(segments: readonly string[]): Route | undefined {
  const [model, ...rest] = segments;
  if (model === undefined || model === "") return undefined;
  const version = rest[0] === "versions" && rest[1] !== undefined && rest[1] !== "" ? rest[1] : undefined;
  const action = version === undefined ? rest : rest.slice(2);
  const where = version === undefined ? { model } : { model, version };
  if (action.length === 0) return { kind: "model-metadata", ...where };
  if (action.length > 1) return undefined;
  switch (action[0]) {
    case "ready":
      return { kind: "model-ready", ...where };
    case "config":
      return { kind: "model-config", ...where };
    case "stats":
      return { kind: "model-statistics", ...where };
    case "infer":
      return { kind: "infer", protocol: "v2", verb: "predict", ...where };
    case "explain":
      return { kind: "infer", protocol: "v2", verb: "explain", ...where };
    case "generate":
    case "generate_stream":
      return { kind: "completion", endpoint: action[0], ...where };
    default:
      assertSpelt(
        action[0] ?? "",
        ["ready", "config", "stats", "infer", "explain", "generate", "generate_stream"],
        "/",
      );
      return undefined;
  }
}

function matchRepository(segments: readonly string[]): Route | undefined {
  const [area, name, action, ...rest] = segments;
  if (area !== "models" || name === undefined || name === "" || rest.length > 0) return undefined;
  if (action !== "load" && action !== "unload") return undefined;
  return { kind: `repository-${action}`, model: decodeSegment(name) };
}

const OPENAI: ReadonlySet<string> = new Set(["chat/completions", "completions", "embeddings", "rerank"]);

/** Below OpenAI's prefix, as KServe's SDK has it. A model's name may have slashes, as on Hugging Face. */
function matchOpenai(rest: string): Route | undefined {
  if (rest === "models") return { kind: "openai-models" };
  if (rest.startsWith("models/")) {
    return { kind: "openai-models", model: rest.slice("models/".length).split("/").map(decodeSegment).join("/") };
  }
  return OPENAI.has(rest) ? { kind: "completion", endpoint: rest as CompletionEndpoint } : undefined;
}

/** The one place where a path's percent-encoding is undone; a segment of dots would become another path at a predictor. */
function decodeSegment(segment: string): string {
  const decoded = segment.includes("%") ? decodePercent(segment) : segment;
  assertNoDots(decoded);
  return decoded;
}

function decodePercent(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    throw invalidArgument("the path is not valid percent-encoding", error);
  }
}

/** Proxies that undo the encoding of a slash before they look for dots see those behind one, too. */
function assertNoDots(segment: string): void {
  const dots = segment.split(/[/\\]/).find((part) => part === "." || part === "..");
  if (dots !== undefined) throw invalidArgument(`the path has '${dots}' where a model or a version is expected`);
}
