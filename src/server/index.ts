export { createGuardedFetch, type GuardedFetchOptions } from "../download/guarded-fetch.ts";
export type { TransformerApp } from "./create-app.ts";
export { createApp, type Models } from "./create-app.ts";
export { type ServerHandle, serve } from "./serve.ts";
export type { AppOptions, ServeOptions } from "./serve-options.ts";
