import { InferenceError } from "../../errors.ts";
import type { Verb } from "../../inference/inference-client.ts";

/** What a path asks for; the data plane has one handler for each kind. */
export type Route =
  | {
      readonly kind: "infer";
      readonly protocol: "v1" | "v2";
      readonly verb: Verb;
      readonly model: string;
      readonly version?: string;
    }
  | { readonly kind: "metrics" | "v1-models" | "v2-models" | "live" | "ready" | "server-metadata" | "repository-index" }
  | { readonly kind: "v1-model"; readonly model: string }
  | { readonly kind: "model-metadata" | "model-ready"; readonly model: string; readonly version?: string }
  | { readonly kind: "repository-load" | "repository-unload"; readonly model: string };

/** Method that a kind of route takes. */
export function methodOf(route: Route): "GET" | "POST" {
  return route.kind === "infer" || route.kind.startsWith("repository") ? "POST" : "GET";
}

/**
 * The route of a path, or undefined when the path is none of the data plane's.
 * Paths: KServe's V1 and the Open Inference Protocol V2; a trailing slash is one path with and without.
 */
export function matchRoute(path: string): Route | undefined {
  if (path.startsWith("/v1/models")) return matchV1(path);
  if (path === "/metrics") return { kind: "metrics" };
  if (path.startsWith("/v2")) return matchV2(path.endsWith("/") ? path.slice(0, -1) : path);
  return undefined;
}

const V1_MODEL = "/v1/models/";

function matchV1(path: string): Route | undefined {
  if (path === "/v1/models" || path === V1_MODEL) return { kind: "v1-models" };
  if (!path.startsWith(V1_MODEL)) return undefined;
  const rest = decodeSegment(path.slice(V1_MODEL.length));
  const versioned = /^([^/]+)\/versions\/([^/:]+)(?::(predict|explain))?$/.exec(rest);
  if (versioned !== null) {
    const [, model = "", version = "", verb] = versioned;
    if (verb === undefined) return { kind: "v1-model", model };
    return { kind: "infer", protocol: "v1", verb: verb as Verb, model, version };
  }
  if (rest.includes("/") || rest === "") return undefined;
  const colon = rest.lastIndexOf(":");
  const verb = colon < 0 ? "" : rest.slice(colon + 1);
  if (verb === "predict" || verb === "explain") {
    return { kind: "infer", protocol: "v1", verb, model: rest.slice(0, colon) };
  }
  return { kind: "v1-model", model: rest };
}

function matchV2(path: string): Route | undefined {
  switch (path) {
    case "/v2":
      return { kind: "server-metadata" };
    case "/v2/models":
      return { kind: "v2-models" };
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
    case "infer":
      return { kind: "infer", protocol: "v2", verb: "predict", ...where };
    case "explain":
      return { kind: "infer", protocol: "v2", verb: "explain", ...where };
    default:
      return undefined;
  }
}

function matchRepository(segments: readonly string[]): Route | undefined {
  const [area, name, action, ...rest] = segments;
  if (area !== "models" || name === undefined || name === "" || rest.length > 0) return undefined;
  if (action !== "load" && action !== "unload") return undefined;
  return { kind: `repository-${action}`, model: decodeSegment(name) };
}

function decodeSegment(segment: string): string {
  if (!segment.includes("%")) return segment;
  try {
    return decodeURIComponent(segment);
  } catch (error) {
    throw new InferenceError("the path is not valid percent-encoding", { code: "invalid_argument", cause: error });
  }
}
