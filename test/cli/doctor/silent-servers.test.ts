import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { faultsOf, runDoctor } from "./run-doctor.ts";

/** Servers of V1 that list no models. TorchServe itself is in test/servers; TensorFlow Serving responds as here. */
const STATES: Readonly<Record<string, string>> = { clothes: "AVAILABLE", late: "LOADING" };
let server: Server;
let url: string;
let folder: string;
let input: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "silent-servers-"));
  input = join(folder, "request.json");
  writeFileSync(input, '{"instances":[1]}');
  server = createServer(({ method, url: path = "" }, outgoing) => {
    const [, name = "", verb] = /^\/v1\/models\/(\w+)(:predict)?$/.exec(path) ?? [];
    const state = STATES[name];
    const [status, body] =
      name === ""
        ? [400, { error: `Malformed request: ${method} ${path}` }]
        : state === undefined
          ? [404, { error: `Could not find any versions of model ${name}` }]
          : verb === undefined
            ? [
                200,
                { model_version_status: [{ version: "1", state, status: { error_code: "OK", error_message: "" } }] },
              ]
            : [200, { predictions: [1] }];
    outgoing.writeHead(status as number, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

test("TensorFlow Serving is known by how it refuses the list; its model is asked for by name", async () => {
  const run = await runDoctor([url, "--model_name", "clothes", "--input", input]);
  expect(faultsOf(run)).toEqual([]);
  const said = Object.fromEntries(run.findings.map(({ check, message }) => [check, message]));
  expect(said).toMatchObject({
    "service/protocol": "V1: TensorFlow Serving",
    "service/model": "the service names no models",
    "service/readiness": "clothes is ready",
    "service/predictor": "responded to the request in /v1/models/clothes:predict",
  });
});

test("without a name it asks for one", async () => {
  const { code, findings } = await runDoctor([url]);
  expect(code).toBe(0);
  expect(findings.find(({ check }) => check === "service/model")).toMatchObject({
    state: "skipped",
    fix: expect.stringContaining("--model_name"),
  });
});

test.each([
  ["late", /late is not ready \(200\)/],
  ["nope", /nope is not ready \(404: Could not find any versions of model nope\)/],
])("the model %s is not ready", async (model, said) => {
  const run = await runDoctor([url, "--model_name", model, "--input", input]);
  expect(faultsOf(run)).toEqual(["service/readiness"]);
  expect(run.findings.find(({ state }) => state === "error")?.message).toMatch(said);
});
