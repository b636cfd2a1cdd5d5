import type { Express, Request, Response } from "express";
import { InferenceError } from "../../../errors.ts";
import type { HostResponse, Playground, PlaygroundHost } from "../../../playground/playground.ts";
import { decodeBody } from "../../../protocol/body-encoding.ts";
import type { ModelServer } from "../../model-server.ts";
import { requestIdOf } from "../../request-id.ts";
import { handleRequest } from "../data-plane.ts";
import { type HttpResponse, toBytes } from "../http-message.ts";
import { readBody } from "../receive-message.ts";
import { writeResponse } from "../write-response.ts";

/** The page below `/playground`: its files are open, everything else needs the key that inference needs. */
export function addPlayground(app: Express, server: ModelServer, playground: Playground): void {
  app.use("/playground", (request, response, next) => {
    if (request.path === "/" && !request.originalUrl.split("?", 1)[0]?.endsWith("/")) {
      response.redirect("playground/");
      return;
    }
    respondWithPage(server, playground, request).then(
      (page) => (page === undefined ? next() : writeResponse(response, page, false)),
      next,
    );
  });
}

async function respondWithPage(
  server: ModelServer,
  playground: Playground,
  request: Request,
): Promise<HttpResponse | undefined> {
  const path = request.path.slice(1);
  const headers = request.headers as Record<string, string>;
  if (!playground.isPublic(path)) {
    assertOwnPage(headers);
    await server.authenticator?.authenticate(headers);
  }
  const signal = leavingSignal(request.res);
  const body = await receivePageBody(server, request, signal);
  const message = { method: request.method, path, headers, body, signal };
  const page = await playground.handle(message, createHost(server));
  return page && { ...page, body: [page.body] };
}

/**
 * Runs hold what clients sent, and any site that a developer looks at can ask a server on loopback. Browsers say by this header
 * whose page asks, whatever a proxy makes of Host; other clients do not send it.
 * @throws InferenceError permission_denied
 */
function assertOwnPage({ "sec-fetch-site": site = "none" }: Readonly<Record<string, string>>): void {
  if (site === "same-origin" || site === "none") return;
  throw new InferenceError(`the playground takes no requests from pages of other sites (sec-fetch-site: ${site})`, {
    code: "permission_denied",
  });
}

/** A request's body within the limits that inference has; one that an earlier middleware parsed is taken as it is. */
async function receivePageBody(server: ModelServer, request: Request, signal: AbortSignal): Promise<Uint8Array> {
  const parsed: unknown = request.body;
  if (parsed !== undefined && request.readableEnded) return toBytes(parsed);
  const { limits } = server.options;
  const body = await new Promise<readonly Uint8Array[]>((resolve, reject) => {
    readBody(request, limits.maxBodyBytes, (error, chunks) => (error === undefined ? resolve(chunks) : reject(error)));
  });
  return Buffer.concat(await decodeBody(body, request.headers["content-encoding"], limits.maxBodyBytes, signal));
}

function createHost(server: ModelServer): PlaygroundHost {
  const { limits, openaiRoutePrefix } = server.options;
  return {
    models: server.registry.models,
    limits,
    openaiRoutePrefix,
    send: async (request) => {
      const response = await handleRequest(server, { method: "POST", query: "", ...request });
      if (response === undefined) throw new InferenceError(`no such route: ${request.path}`, { code: "not_found" });
      const body: Uint8Array[] = [];
      for await (const chunk of response.body) body.push(chunk);
      return { status: response.status, headers: response.headers as Record<string, string>, body };
    },
    callGrpc: async ({ headers, body, signal }) => callGrpc(server, headers, body, signal),
  };
}

/** gRPC beneath its framing: the service's own handler, and its status as a front writes it. */
async function callGrpc(
  server: ModelServer,
  headers: Readonly<Record<string, string>>,
  body: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<HostResponse> {
  const [{ handleInfer }, { encodeError }] = await Promise.all([
    import("../../grpc/infer-handler.ts"),
    import("../../../protocol/grpc/errors.ts"),
  ]);
  const requestId = requestIdOf(headers);
  try {
    const response = await handleInfer(server, { bytes: Buffer.concat(body), headers, requestId, signal });
    return { status: 200, headers: { "grpc-status": "0", ...response.headers }, body: [response.bytes] };
  } catch (thrown) {
    const error = InferenceError.from(thrown);
    return { status: error.status, headers: encodeError(error, requestId).headers, body: [] };
  }
}

function leavingSignal(response: Response | undefined): AbortSignal {
  const controller = new AbortController();
  response?.once("close", () => controller.abort(new InferenceError("the client left", { code: "cancelled" })));
  return controller.signal;
}
