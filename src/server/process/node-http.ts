import type http from "node:http";

/**
 * Not by import: Node 24 then reads every name of the module, and behind some of them are undici and HTTP/2, which take a tenth of
 * a start and of the idle memory and serve nobody here.
 */
export const nodeHttp: typeof http = process.getBuiltinModule("node:http");
