import type { ModelDeclaration } from "../../src/playground/declaration.ts";
import type { PageProtocol } from "../../src/playground/encode-request.ts";
import type { Bytes, RunSummary, RunTrace } from "../../src/playground/trace.ts";

export type { Bytes, ModelDeclaration, PageProtocol, RunSummary, RunTrace };

/** One request through one protocol: what went over the wire, and what happened inside. */
export interface Run {
  readonly id: string;
  readonly protocol: PageProtocol;
  readonly path: string;
  readonly milliseconds: number;
  readonly request: Bytes;
  readonly status: number;
  readonly response: Bytes;
  readonly trace?: RunTrace;
}

export interface ServerDescription {
  readonly models: readonly ModelDeclaration[];
  /** True in development, where errors come with the hook's code. */
  readonly sources: boolean;
  /** File of the transformer: `clothing.ts`. */
  readonly module?: string;
}

/** The server's own words about what went wrong. */
export class RequestError extends Error {
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

const KEY = "kserve-transformer.api-key";

/** The key stays in this tab. */
export function apiKey(): string {
  return sessionStorage.getItem(KEY) ?? "";
}

export function setApiKey(key: string): void {
  if (key === "") sessionStorage.removeItem(KEY);
  else sessionStorage.setItem(KEY, key);
}

/** Both ways in which a key may be sent: an API key, and a bearer token of an identity provider. */
export function credentials(): Record<string, string> {
  const key = apiKey();
  if (key === "") return {};
  return key.split(".").length === 3 ? { authorization: `Bearer ${key}` } : { "x-api-key": key };
}

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, headers: { ...credentials(), ...init.headers } });
  } catch {
    throw new RequestError("The server does not answer. Is it still running?", 0);
  }
  if (response.ok) return response;
  const text = await response.text();
  let message = text;
  try {
    message = (JSON.parse(text) as { error?: string }).error ?? text;
  } catch {
    // Not from our server: what came is all there is.
  }
  throw new RequestError(message || `status ${response.status}`, response.status);
}

export async function describeServer(): Promise<ServerDescription> {
  return (await ask("models")).json();
}

export async function runRequest(
  request: { readonly model: string; readonly verb: string; readonly protocol: PageProtocol; readonly body: string },
  signal?: AbortSignal,
): Promise<Run> {
  const init: RequestInit = { method: "POST", body: JSON.stringify(request) };
  return (await ask("runs", signal === undefined ? init : { ...init, signal })).json();
}

export async function listRuns(): Promise<readonly RunSummary[]> {
  return ((await (await ask("runs")).json()) as { runs: RunSummary[] }).runs;
}

export async function getRun(id: string): Promise<RunTrace> {
  return (await ask(`runs/${encodeURIComponent(id)}`)).json();
}

export async function getExample(href: string): Promise<Blob> {
  return (await ask(href)).blob();
}

/** The server's own address, wherever the page is mounted. */
export function serverUrl(): string {
  return new URL("..", location.href).href.replace(/\/$/, "");
}
