import { randomUUID } from "node:crypto";
import { InferenceError, invalidArgument } from "../errors.ts";
import type { ExchangeListener } from "../inference/exchange-listener.ts";
import type { Limits } from "../protocol/limits.ts";
import type { Model } from "../transformer/model.ts";
import { declareModel } from "./declaration.ts";
import { type EncodedRequest, encodePageRequest, parsePageRequest } from "./encode-request.ts";
import { declaredExamples, type Example, type ExampleSummary, readExamples } from "./examples.ts";
import type { PageRequestMessage, PageResponse } from "./page-message.ts";
import { staticFile } from "./static-files.ts";
import type { Bytes } from "./trace.ts";
import { traceBytes } from "./trace-content.ts";
import { createTraceStore, type TraceStoreOptions } from "./trace-store.ts";

export interface PlaygroundOptions extends TraceStoreOptions {
  /** Pictures, texts and JSON files to try, and folders of them. @default none */
  readonly examples?: string | readonly string[] | undefined;
  /** File of the transformer, which recorded tests import. @default none */
  readonly module?: string | undefined;
}

/** What the server does for the page. */
export interface PlaygroundHost {
  readonly models: readonly Model[];
  readonly limits: Limits;
  readonly openaiRoutePrefix: string;
  /** Answers a request as if it had come in over HTTP, credentials included. */
  send(request: EncodedRequest & { readonly signal: AbortSignal }): Promise<HostResponse>;
  /** The same over gRPC. */
  callGrpc(request: EncodedRequest & { readonly signal: AbortSignal }): Promise<HostResponse>;
}

export interface HostResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: readonly Uint8Array[];
}

/** The page: one listener, and the routes below `/playground`. */
export interface Playground {
  readonly listener: ExchangeListener;
  /** True for the files of the page itself, which say nothing about models or requests. */
  isPublic(path: string): boolean;
  /** Undefined for a path that is none of the page's. @throws InferenceError */
  handle(request: PageRequestMessage, host: PlaygroundHost): Promise<PageResponse | undefined>;
}

/** Bytes of a response that the page gets whole. */
const MAX_EXCHANGE_BYTES = 16 * 1024 * 1024;

export function createPlayground(options: PlaygroundOptions = {}): Playground {
  const store = createTraceStore(options);
  const files = readExamples([options.examples ?? []].flat());
  const examplesOf = (model: Model): Example[] => [
    ...(model.state === "ready" ? declaredExamples(model.transformer) : []),
    ...files,
  ];

  const listModels = async ({ models }: PlaygroundHost) => ({
    models: await Promise.all(
      models.map((model) =>
        declareModel(
          model,
          examplesOf(model).map(
            ({ name, kind, file }, index): ExampleSummary => ({
              name,
              kind,
              file,
              href: `examples/${encodeURIComponent(model.name)}/${index}`,
            }),
          ),
        ),
      ),
    ),
    sources: options.sources === true,
    module: options.module,
  });

  const sendExample = (path: string, { models }: PlaygroundHost): PageResponse => {
    const [, name = "", index = ""] = path.split("/");
    const model = models.find((each) => each.name === decodeName(name));
    const example = model && examplesOf(model)[Number(index)];
    if (example === undefined) throw notFound(`no example ${path}`);
    const headers = { "content-type": example.contentType, "x-content-type-options": "nosniff" };
    return { status: 200, headers, body: readExample(example) };
  };

  const run = async ({ body, headers, signal }: PageRequestMessage, host: PlaygroundHost) => {
    const request = parsePageRequest(body);
    const model = host.models.find(({ name }) => name === request.model);
    if (model === undefined) throw notFound(`model '${request.model}' does not exist`);
    const { limits, openaiRoutePrefix } = host;
    const inputs = model.state === "ready" ? model.transformer.inputs : undefined;
    const encoded = encodePageRequest(request, { limits, inputs, openaiRoutePrefix });
    const id = `playground-${randomUUID()}`;
    const sent = { ...encoded, headers: { ...encoded.headers, "x-request-id": id }, signal };
    const started = performance.now();
    const withCredentials = { ...sent, headers: { ...credentialsOf(headers), ...sent.headers } };
    const answer = await (request.protocol === "grpc" ? host.callGrpc(withCredentials) : host.send(withCredentials));
    const milliseconds = performance.now() - started;
    const view = (chunks: readonly Uint8Array[], head: Readonly<Record<string, string>>): Bytes =>
      traceBytes(chunks, head, MAX_EXCHANGE_BYTES);
    return {
      id,
      protocol: request.protocol,
      path: encoded.path,
      milliseconds,
      request: view(encoded.body, encoded.headers),
      status: answer.status,
      response: view(answer.body, answer.headers),
      trace: store.get(id),
    };
  };

  return {
    listener: store.listener,
    isPublic: (path) => path === "" || path === "index.html" || path.startsWith("assets/"),
    handle: async (request, host) => {
      const { method, path } = request;
      if (path === "runs" && method === "POST") return json(await run(request, host));
      if (method !== "GET" && method !== "HEAD") throw invalidArgument(`/playground/${path} takes GET, got ${method}`);
      if (path === "models") return json(await listModels(host));
      if (path === "runs") return json({ runs: store.list() });
      if (path.startsWith("runs/")) {
        const trace = store.get(decodeName(path.slice("runs/".length)));
        if (trace === undefined) throw notFound("no such run: the oldest ones are forgotten");
        return json(trace);
      }
      if (path.startsWith("examples/")) return sendExample(path, host);
      return staticFile("playground", path === "" ? "index.html" : path);
    },
  };
}

function json(value: unknown): PageResponse {
  const body = new TextEncoder().encode(JSON.stringify(value));
  return { status: 200, headers: { "content-type": "application/json", "cache-control": "no-store" }, body };
}

/** The file may have been removed since the start. */
function readExample({ file, read }: Example): Uint8Array {
  try {
    return read();
  } catch (cause) {
    throw new InferenceError(`${file} cannot be read any more`, { code: "not_found", cause });
  }
}

/** A name that is escaped wrongly is nobody's. */
function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    throw notFound(`'${name}' is not percent-encoded as it should be`);
  }
}

function notFound(message: string): InferenceError {
  return new InferenceError(message, { code: "not_found" });
}

function credentialsOf({ authorization, "x-api-key": key }: Readonly<Record<string, string>>): Record<string, string> {
  return { ...(authorization && { authorization }), ...(key && { "x-api-key": key }) };
}
