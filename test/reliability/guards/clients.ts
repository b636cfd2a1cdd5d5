import { connect } from "node:http2";
import { gzipSync } from "node:zlib";
import {
  compressionAlgorithms,
  credentials,
  Client as GrpcClient,
  Metadata,
  type ServiceError,
  status,
} from "@grpc/grpc-js";

/** How a front is asked. */
export interface Ask {
  /** Bytes of the row on top of a small one. */
  readonly padding?: number;
  /** A body that cannot be read. */
  readonly broken?: boolean;
  readonly gzip?: boolean;
  /** Without saying the body's length before. */
  readonly chunked?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
}

/** What a client sees, whatever it speaks. */
export interface Answer {
  /** `200`, `503`; over gRPC `OK`, `UNAVAILABLE`. */
  readonly status: string;
  /** Trailers included. */
  readonly headers: Readonly<Record<string, string>>;
  /** What broke off ends with "(broken off)". */
  readonly body: string;
}

export async function askHttp(
  url: string,
  type: Readonly<Record<string, string>>,
  body: Uint8Array,
  { gzip, chunked, headers, signal }: Ask,
): Promise<Answer> {
  const bytes = gzip ? gzipSync(body) : body;
  const response = await fetch(url, {
    method: "POST",
    headers: { ...type, ...(gzip && { "content-encoding": "gzip" }), ...headers },
    body: (chunked ? new Blob([new Uint8Array(bytes)]).stream() : bytes) as unknown as string,
    ...(chunked && { duplex: "half" }),
    ...(signal && { signal }),
  } as RequestInit);
  let text = "";
  try {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString();
  } catch {
    text += "(broken off)";
  }
  return { status: String(response.status), headers: Object.fromEntries(response.headers), body: text };
}

export function askHttp2(
  url: string,
  path: string,
  type: Readonly<Record<string, string>>,
  body: Uint8Array,
  { gzip, headers, signal }: Ask,
): Promise<Answer> {
  const session = connect(url);
  const encoding = gzip ? { "content-encoding": "gzip" } : {};
  return new Promise<Answer>((resolve, reject) => {
    const stream = session.request({ ":method": "POST", ":path": path, ...type, ...encoding, ...headers });
    let head: Record<string, string> = {};
    let text = "";
    stream.on("response", (received) => {
      head = received as Record<string, string>;
    });
    stream.on("data", (chunk) => {
      text += String(chunk);
    });
    stream.on("end", () => {
      const { ":status": code, ...rest } = head;
      resolve({ status: String(code), headers: rest, body: text });
    });
    stream.on("error", reject);
    session.on("error", reject);
    signal?.addEventListener("abort", () => {
      stream.destroy();
      session.destroy();
      reject(signal.reason);
    });
    stream.end(gzip ? gzipSync(body) : body);
  }).finally(() => session.destroy());
}

const identity = (bytes: Buffer): Buffer => bytes;

export function askGrpc(address: string, bytes: Buffer, { gzip, headers = {}, signal }: Ask): Promise<Answer> {
  const client = new GrpcClient(address, credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
    ...(gzip && { "grpc.default_compression_algorithm": compressionAlgorithms.gzip }),
  });
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return new Promise<Answer>((resolve) => {
    let initial: Record<string, unknown> = {};
    const path = "/inference.GRPCInferenceService/ModelInfer";
    const done = (error: ServiceError | null, response?: Buffer): void => {
      const all = { ...initial, ...error?.metadata?.getMap() } as Record<string, string>;
      const body = error === null ? (response?.toString() ?? "") : error.details;
      resolve({ status: status[error?.code ?? 0] ?? "", headers: all, body });
    };
    const call = client.makeUnaryRequest(path, identity, identity, bytes, metadata, done);
    call.on("metadata", (received) => {
      initial = received.getMap();
    });
    signal?.addEventListener("abort", () => call.cancel());
  }).finally(() => client.close());
}

/** By a run of the playground; where the page itself refuses, what the page says. */
export async function askPage(url: string, run: object, options: Ask): Promise<Answer> {
  const body = Buffer.from(JSON.stringify(run));
  const page = await askHttp(`${url}/playground/runs`, { "content-type": "application/json" }, body, options);
  if (page.status !== "200") return page;
  const { id, status: inner, response } = JSON.parse(page.body);
  const text = Buffer.from(response.base64, "base64").toString();
  return { status: String(inner), headers: { "x-request-id": id, ...response.headers }, body: text };
}
