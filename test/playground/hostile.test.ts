import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApp, type InferRequest, type JsonValue, Transformer } from "kserve-transformer";
import { createLogger } from "kserve-transformer/observability";
import { createPlayground, type PlaygroundOptions } from "kserve-transformer/playground";
import supertest from "supertest";

const log = createLogger({ level: "silent" });
const apps: ReturnType<typeof createApp>[] = [];
afterAll(() => Promise.all(apps.map((app) => app.close())));

class Echo extends Transformer {
  override preprocess(request: InferRequest) {
    return request.reply({ predictions: request.instances });
  }
}

function start(options: PlaygroundOptions = {}, transformer: new () => Transformer<undefined> = Echo) {
  const app = createApp(transformer, { modelName: "m", log, playground: createPlayground(options) });
  apps.push(app);
  return supertest(app);
}

const run = (agent: ReturnType<typeof start>, body: string, protocol = "v1") =>
  agent.post("/playground/runs").send({ model: "m", protocol, body });

test.each([
  ["null", "the request: expected an object with model, protocol and body"],
  ["7", "the request: expected an object with model, protocol and body"],
  ["[]", "the request: expected an object with model, protocol and body"],
  ["{", "the request is not JSON"],
  ['{"model":{}}', "model: expected a model's name"],
  ['{"model":"m","protocol":"__proto__","body":""}', "protocol: expected v1, v2, v2-binary, grpc or openai"],
  ['{"model":"m","protocol":"v1","body":{}}', "body: expected JSON as text"],
  ['{"model":"m","verb":"constructor","protocol":"v1","body":"{}"}', "verb: expected predict or explain"],
])("a run asked for by %s is a 400 that says why", async (text, error) => {
  const { status, body } = await start().post("/playground/runs").set("content-type", "text/plain").send(text);
  expect({ status, error: body.error }).toEqual({ status: 400, error });
});

test.each(["/playground/runs/%zz", "/playground/examples/%zz/0", "/playground/%zz"])(
  "%s is no fault of ours",
  async (path) => {
    const { status } = await start().get(path);
    expect([400, 404]).toContain(status);
  },
);

test.each([
  "/playground/examples/m/-1",
  "/playground/examples/m/length",
  "/playground/examples/__proto__/0",
  "/playground/runs/__proto__",
])("%s is not found", async (path) => void (await start().get(path).expect(404)));

test("an example whose file is gone is not found, and says so", async () => {
  const folder = mkdtempSync(join(tmpdir(), "gone-"));
  writeFileSync(join(folder, "a.json"), "{}");
  const agent = start({ examples: folder });
  await agent.get("/playground/examples/m/0").expect(200);
  rmSync(folder, { recursive: true });
  const { body } = await agent.get("/playground/examples/m/0").expect(404);
  expect(body.error).toBe("a.json cannot be read any more");
});

test.each([
  ["a big integer", () => [1n]],
  [
    "a circle",
    () => {
      const row: unknown[] = [];
      row.push(row);
      return row;
    },
  ],
  ["undefined and a function", () => [undefined, () => 1]],
  [
    "a toJSON that throws",
    () => [
      {
        toJSON() {
          throw new Error("no");
        },
      },
    ],
  ],
])("predictions with %s are shown or refused, never a fault of the page", async (_what, make) => {
  class Odd extends Transformer {
    override preprocess(request: InferRequest) {
      return request.reply({ predictions: make() as JsonValue[] });
    }
  }
  const { status, body } = await run(start({ sources: true }, Odd), '{"instances":[1]}');
  expect(status).toBe(200);
  expect(body.trace).toBeDefined();
});

test.each(["v1", "v2", "v2-binary", "grpc"])("deep and long JSON through %s is answered", async (protocol) => {
  const agent = start();
  const deep = await run(agent, `{"instances":${"[".repeat(50_000)}${"]".repeat(50_000)}}`, protocol);
  expect(deep.status === 400 || deep.body.status === 400).toBe(true);
  const long = await run(agent, `{"instances":[${"0,".repeat(50_000)}0]}`, protocol);
  expect([long.status, long.body.error]).toEqual([200, undefined]);
});

describe("asked by a page of another site", () => {
  test.each([
    ["post", "/playground/runs"],
    ["get", "/playground/runs"],
    ["get", "/playground/models"],
  ] as const)("%s %s is refused", async (method, path) => {
    const { status, body } = await start()[method](path).set("sec-fetch-site", "cross-site").send();
    expect({ status, error: body.error }).toEqual({
      status: 403,
      error: "the playground takes no requests from pages of other sites (sec-fetch-site: cross-site)",
    });
  });

  test.each(["same-origin", "none"])("%s is the page itself, whatever a proxy makes of its host", async (site) => {
    const headers = { host: "upstream:8080", origin: "https://public.example", "sec-fetch-site": site };
    await start().get("/playground/models").set(headers).expect(200);
  });
});
