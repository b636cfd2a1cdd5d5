import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { Express, NextFunction, Request, Response } from "express";
import { InferenceError } from "../../errors.ts";
import type { ModelServer } from "../model-server.ts";
import { requestIdOf } from "../request-id.ts";
import { handleRequest } from "./data-plane.ts";
import { errorResponse } from "./error-response.ts";
import { createNodeListener, NodeRequest, splitTarget } from "./node-listener.ts";
import { createOpenApiDocument } from "./openapi.ts";
import { writeResponse } from "./write-response.ts";

/** An Express application that closes what it opened. */
export interface TransformerApp extends Express {
  /** Resolves once every model is ready. @throws the first failure to load. */
  ready(): Promise<void>;
  /** Unloads the models and closes their predictors. */
  close(): Promise<void>;
}

/**
 * The data plane as an Express application, to be mounted in another one or tested with supertest. A body that an earlier
 * middleware parsed is taken as it is.
 */
export function createExpressApp(server: ModelServer): Express {
  // Loaded when first needed: who never mounts an app or opens a page does not pay for Express at the start.
  const express = createRequire(import.meta.url)("express") as typeof import("express");
  const app = express();
  app.disable("x-powered-by");
  app.use((request: Request, response: Response, next: NextFunction) => {
    const parsed: unknown = (request as { body?: unknown }).body;
    if (parsed === undefined || request.readableEnded === false) {
      createNodeListener(server, () => next())(request, response);
      return;
    }
    handleParsed(server, request, response, parsed).then((handled) => (handled ? undefined : next()), next);
  });
  addPages(app, server);
  return app;
}

async function handleParsed(
  server: ModelServer,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  parsed: unknown,
): Promise<boolean> {
  const { path, query } = splitTarget(incoming.url ?? "/");
  const request = new NodeRequest(incoming, outgoing, path, query, [toBytes(parsed)]);
  const response = await handleRequest(server, withoutEncoding(request));
  if (response === undefined) return false;
  await writeResponse(outgoing, response, false);
  return true;
}

/** A body parser has already decompressed. */
function withoutEncoding(request: NodeRequest): NodeRequest {
  const { "content-encoding": _, ...headers } = request.headers;
  return Object.defineProperty(request, "headers", { value: headers });
}

function toBytes(parsed: unknown): Uint8Array {
  if (parsed instanceof Uint8Array) return parsed;
  return new TextEncoder().encode(typeof parsed === "string" ? parsed : JSON.stringify(parsed));
}

/** What is beside the data plane. An application that is mounted in another one leaves to that one what it does not know. */
function addPages(app: Express, server: ModelServer): void {
  let mounted = false;
  app.on("mount", () => {
    mounted = true;
  });
  app.get("/", async (request, response, next) => {
    if (mounted && app.mountpath === "/") return next();
    const models = (await isTrusted(server, request)) ? { models: server.registry.models.map(({ name }) => name) } : {};
    response.json({ status: "alive", ...models });
  });
  app.get("/openapi.json", async (request, response) => {
    await server.authenticator?.authenticate(request.headers);
    response.json(createOpenApiDocument(server));
  });
  app.use((request, _response, next) => {
    if (mounted) return next();
    throw new InferenceError(`no such route: ${request.method} ${request.path}`, { code: "not_found" });
  });
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    void writeResponse(response, errorResponse(error, requestIdOf(request.headers), server.options.log), false);
  });
}

/** Liveness answers to everybody; the names of models need the key that every list of them needs. */
async function isTrusted({ authenticator }: ModelServer, { headers }: Request): Promise<boolean> {
  return (
    authenticator === undefined ||
    authenticator.authenticate(headers).then(
      () => true,
      () => false,
    )
  );
}
