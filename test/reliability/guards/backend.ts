import { once } from "node:events";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A predictor over HTTP that responds on every inference route, and does so when and how a guard's check wants it. */
export interface Backend {
  readonly url: string;
  /** Inference requests that came in whole. */
  calls: number;
  /** Callers that left before they had their response. */
  left: number;
  /** Status of responses. */
  status: number;
  /** Bytes on top of a small response, or of a stream's first event. */
  padding: number;
  /** From now on responses wait, before their head or after the first event of a stream, until `release`. */
  hold(where?: "before the head" | "in the stream"): void;
  release(): void;
  close(): Promise<void>;
}

export async function startBackend(): Promise<Backend> {
  let held: "before the head" | "in the stream" | undefined;
  let released: Promise<void> = Promise.resolve();
  let open: () => void = () => undefined;
  const server = createServer(async (incoming, outgoing) => {
    let body = "";
    for await (const chunk of incoming) body += String(chunk);
    const path = incoming.url ?? "/";
    if (incoming.method !== "POST") return void describe(path, outgoing);
    backend.calls += 1;
    outgoing.on("close", () => {
      if (!outgoing.writableFinished) backend.left += 1;
    });
    if (held === "before the head") await released;
    const status = incoming.headers["content-type"]?.includes("json") && !isJson(body) ? 400 : backend.status;
    const pad = "x".repeat(backend.padding);
    if (path.endsWith("generate_stream") || body.includes('"stream":true')) {
      outgoing.writeHead(status, { "content-type": "text/event-stream" });
      outgoing.write(`data: {"text_output":"one${pad}"}\n\n`);
      if (held === "in the stream") await released;
      outgoing.end("data: [DONE]\n\n");
      return;
    }
    outgoing.writeHead(status, { "content-type": "application/json" }).end(responseTo(path, pad));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const backend: Backend = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: 0,
    left: 0,
    status: 200,
    padding: 0,
    hold: (where = "before the head") => {
      held = where;
      released = new Promise((resolve) => {
        open = resolve;
      });
    },
    release: () => {
      held = undefined;
      open();
    },
    close: async () => {
      open();
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return backend;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function responseTo(path: string, pad: string): string {
  if (path.endsWith(":predict")) return JSON.stringify({ predictions: [`one${pad}`] });
  if (!path.endsWith("/infer")) return JSON.stringify({ text_output: `one${pad}` });
  const outputs = [{ name: "y", datatype: "BYTES", shape: [1], data: [`one${pad}`] }];
  return JSON.stringify({ model_name: "m", outputs });
}

/** What a server of V2 says of itself, so that binary tensors are sent to it. */
function describe(path: string, outgoing: ServerResponse): void {
  const said =
    path === "/v2"
      ? { name: "backend", version: "1", extensions: ["binary_tensor_data"] }
      : { name: "m", versions: [], platform: "", inputs: [], outputs: [] };
  outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(said));
}
