import type { Express, NextFunction, Request, Response } from "express";
import { InferenceError } from "../../../errors.ts";
import { mayKnowNames } from "../../exchange/may-know-names.ts";
import type { ModelServer } from "../../model-server.ts";
import { requestIdOf } from "../../request-id.ts";
import { errorResponse } from "../error-response.ts";
import { writeResponse } from "../write-response.ts";
import { addDocs } from "./docs-pages.ts";
import { createOpenApiDocument } from "./openapi.ts";
import { addPlayground } from "./playground-pages.ts";
import { suggestRoute } from "./suggest-route.ts";

/** What is beside the data plane. An application that is mounted in another one leaves to that one what it does not know. */
export function addPages(app: Express, server: ModelServer): void {
  const { playground, docs } = server.options;
  let mounted = false;
  app.on("mount", () => {
    mounted = true;
  });
  app.get("/", async (request, response, next) => {
    if (mounted && app.mountpath === "/") return next();
    if (playground !== undefined && request.accepts(["json", "html"]) === "html")
      return response.redirect("playground/");
    const models = (await mayKnowNames(server, request.headers)) ? { models: server.registry.names } : {};
    response.json({ status: "alive", ...models });
  });
  app.get("/openapi.json", async (request, response) => {
    await server.authenticator?.authenticate(request.headers);
    response.json(createOpenApiDocument(server, request.baseUrl));
  });
  if (docs) addDocs(app);
  if (playground !== undefined) addPlayground(app, server, playground);
  app.use(async (request, _response, next) => {
    if (mounted) return next();
    const { method, path } = request;
    const meant = suggestRoute(
      method,
      path,
      (await mayKnowNames(server, request.headers)) ? server.registry.names : [],
    );
    const hint = meant === undefined ? "" : `: did you mean ${meant}?`;
    throw new InferenceError(`no such route: ${method} ${path}${hint}`, { code: "not_found" });
  });
  app.use((error: unknown, request: Request, response: Response, _next: NextFunction) => {
    void writeResponse(response, errorResponse(error, requestIdOf(request.headers), server.options.log), false);
  });
}
