import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import type { Express, NextFunction, Request, Response } from "express";
import type { ModelServer } from "../../model-server.ts";
import { handleRequest } from "../data-plane.ts";
import { toBytes } from "../http-message.ts";
import { createNodeListener, NodeRequest, splitTarget } from "../node-listener.ts";
import { writeResponse } from "../write-response.ts";
import { addPages } from "./pages.ts";

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
