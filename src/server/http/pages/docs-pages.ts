import type { Express } from "express";
import { writeResponse } from "../write-response.ts";

/** The API page at `/docs`: swagger-ui over `/openapi.json`. Its files say nothing of the models; the document needs the key. */
export function addDocs(app: Express): void {
  app.use("/docs", async (request, response, next) => {
    if (request.path === "/" && !request.originalUrl.split("?", 1)[0]?.endsWith("/")) return response.redirect("docs/");
    const { staticFile } = await import("../../../playground/static-files.ts");
    const file = await staticFile("docs", request.path === "/" ? "index.html" : request.path.slice(1));
    if (file === undefined || request.method !== "GET") return next();
    await writeResponse(response, { ...file, body: [file.body] }, false);
  });
}
