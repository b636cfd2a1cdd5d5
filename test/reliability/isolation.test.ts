import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import fc from "fast-check";
import { Pool } from "undici";
import type { InferRequest } from "../../src/inference/infer-request.ts";
import type { InferResponse } from "../../src/inference/infer-response.ts";
import type { RequestContext } from "../../src/inference/request-context.ts";
import { createLogger } from "../../src/observability/logger.ts";
import { createHttpPredictor } from "../../src/predictor/http/http-predictor.ts";
import { type ServerHandle, serve } from "../../src/server/serve.ts";
import { Transformer } from "../../src/transformer/transformer.ts";

/** 10,000 requests, so many at a time. */
const REQUESTS = 10_000;
const AT_A_TIME = 64;

/** What one request carries, and how long its hooks and its predictor take. */
interface Plan {
  readonly client: string;
  readonly model: "one" | "two";
  readonly protocol: "v1" | "v2";
  readonly turns: readonly [preprocess: number, predictor: number, postprocess: number];
}

const plan: fc.Arbitrary<Plan> = fc.record({
  client: fc.constantFrom("ann", "bob", "eve"),
  model: fc.constantFrom("one" as const, "two" as const),
  protocol: fc.constantFrom("v1" as const, "v2" as const),
  turns: fc.tuple(fc.nat(4), fc.nat(4), fc.nat(4)),
});

interface Kept {
  secret: string;
}

async function wait(turns: number): Promise<void> {
  for (let i = 0; i < turns; i++) await turn();
}

/** Tells what each hook saw of its own request, after waits that let others in. */
class Witness extends Transformer<Kept> {
  override createState(): Kept {
    return { secret: "" };
  }

  override async preprocess(request: InferRequest, context: RequestContext<Kept>): Promise<InferRequest> {
    const [row] = request.instances as readonly [string];
    await wait(Number(context.requestHeaders["x-turns"]?.split(",")[0]));
    context.state.secret = row;
    context.responseHeaders["x-witness"] = `${context.requestHeaders["x-client"]} ${row}`;
    return request.withInstances([row]);
  }

  override async postprocess(response: InferResponse, context: RequestContext<Kept>): Promise<InferResponse> {
    await wait(Number(context.requestHeaders["x-turns"]?.split(",")[2]));
    const { state, requestId, modelName, requestHeaders, request } = context;
    const told = [state.secret, requestId, modelName, requestHeaders["x-client"], String(request.instances[0])];
    return response.withPredictions([[...told, ...(response.predictions as string[])].join(" ")]);
  }
}

/** A V1 predictor that answers what it was told: model, headers, rows. */
function startPredictor(): Promise<Server> {
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Uint8Array);
    const { instances } = JSON.parse(Buffer.concat(chunks).toString()) as { instances: string[] };
    const { headers, url } = incoming;
    await wait(Number(String(headers["x-turns"]).split(",")[1]));
    const model = /models\/(\w+):/.exec(url ?? "")?.[1];
    const said = [model, headers["x-client"], headers["authorization"], headers["x-request-id"], instances[0]];
    outgoing.setHeader("content-type", "application/json");
    outgoing.end(JSON.stringify({ predictions: [said.join(" ")] }));
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
}

let predictor: Server;
let server: ServerHandle;
let clients: Record<string, Pool>;

beforeAll(async () => {
  predictor = await startPredictor();
  const host = `http://127.0.0.1:${(predictor.address() as AddressInfo).port}`;
  const model = () => ({ transformer: Witness, predictor: createHttpPredictor({ host }) });
  server = await serve(
    { one: model(), two: model() },
    {
      host: "127.0.0.1",
      port: 0,
      log: createLogger({ level: "silent" }),
      forwardHeaders: ["x-client", "x-turns"],
    },
  );
  await server.ready();
  clients = Object.fromEntries(["ann", "bob", "eve"].map((name) => [name, new Pool(server.url, { connections: 16 })]));
});

afterAll(async () => {
  for (const pool of Object.values(clients)) await pool.close();
  await server.close();
  predictor.closeAllConnections();
  predictor.close();
});

/** Sends one request; undefined when everything that came back is its own. */
async function mixedUp({ client, model, protocol, turns }: Plan, number: number): Promise<string | undefined> {
  const row = `row-${number}`;
  const requestId = `request-${number}`;
  const body =
    protocol === "v1"
      ? { instances: [row] }
      : { id: `id-${number}`, inputs: [{ name: "input-0", datatype: "BYTES", shape: [1], data: [row] }] };
  const answer = await (clients[client] as Pool).request({
    method: "POST",
    path: protocol === "v1" ? `/v1/models/${model}:predict` : `/v2/models/${model}/infer`,
    headers: {
      "content-type": "application/json",
      "x-client": client,
      "x-request-id": requestId,
      "x-turns": turns.join(","),
      authorization: `Bearer ${client}-${number}`,
    },
    body: JSON.stringify(body),
  });
  const text = await answer.body.text();
  const said = `${model} ${client} Bearer ${client}-${number} ${requestId} ${row}`;
  const expected = {
    status: 200,
    id: protocol === "v1" ? undefined : `id-${number}`,
    requestId,
    witness: `${client} ${row}`,
    told: `${row} ${requestId} ${model} ${client} ${row} ${said}`,
  };
  const json = JSON.parse(text) as { id?: string; predictions?: string[]; outputs?: { data: string[] }[] };
  const told = json.predictions?.[0] ?? JSON.parse(json.outputs?.[0]?.data[0] ?? '""');
  const seen = {
    status: answer.statusCode,
    id: json.id,
    requestId: answer.headers["x-request-id"],
    witness: answer.headers["x-witness"],
    told,
  };
  return JSON.stringify(seen) === JSON.stringify(expected)
    ? undefined
    : `sent ${JSON.stringify(expected)}, got ${text}`;
}

test("headers, ids, states and models of 10,000 interleaved requests never mix", async () => {
  const plans = fc.sample(plan, REQUESTS);
  const wrong: string[] = [];
  let next = 0;
  const work = async (): Promise<void> => {
    while (next < plans.length && wrong.length === 0) {
      const number = next++;
      const found = await mixedUp(plans[number] as Plan, number);
      if (found !== undefined) wrong.push(found);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  expect(wrong).toEqual([]);
  expect(next).toBe(REQUESTS);
}, 300_000);
