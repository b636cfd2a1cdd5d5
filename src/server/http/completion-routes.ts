import type { CompletionEndpoint } from "../../transformer/transformer.ts";

export type CompletionRoute =
  | {
      readonly kind: "complete";
      readonly endpoint: CompletionEndpoint;
      readonly model?: string;
      readonly version?: string;
    }
  | { readonly kind: "openai-models"; readonly model?: string };

const OPENAI: ReadonlySet<string> = new Set(["chat/completions", "completions", "embeddings", "rerank"]);

/**
 * Routes of OpenAI's API below `prefix` (`/openai`, as KServe's SDK has it), and V2's generate extension. Undefined for
 * every other path.
 */
export function matchCompletionRoute(path: string, prefix: string): CompletionRoute | undefined {
  if (path.startsWith(`${prefix}/v1/`)) {
    const rest = path.slice(prefix.length + "/v1/".length);
    if (rest === "models") return { kind: "openai-models" };
    if (rest.startsWith("models/")) return { kind: "openai-models", model: decodeURIComponent(rest.slice(7)) };
    return OPENAI.has(rest) ? { kind: "complete", endpoint: rest as CompletionEndpoint } : undefined;
  }
  const generate = /^\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?\/(generate|generate_stream)$/.exec(path);
  if (generate === null) return undefined;
  const [, model = "", version, endpoint] = generate;
  const where = {
    kind: "complete",
    endpoint: endpoint as CompletionEndpoint,
    model: decodeURIComponent(model),
  } as const;
  return version === undefined ? where : { ...where, version: decodeURIComponent(version) };
}
