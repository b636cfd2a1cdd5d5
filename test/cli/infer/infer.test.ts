import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildCommand, runCommand } from "../command-process.ts";

let cwd: string;
let server: Server;
let url: string;
let models = ["clothes"];
let status = 200;
let seen: { path: string; body: string; headers: IncomingMessage["headers"] } | undefined;

beforeAll(async () => {
  buildCommand();
  server = createServer(async (request, response) => {
    response.setHeader("content-type", "application/json");
    if (request.method === "GET") {
      response.end(JSON.stringify({ models }));
      return;
    }
    const body = Buffer.concat(await request.toArray()).toString();
    seen = { path: request.url ?? "", body, headers: request.headers };
    response.statusCode = status;
    response.end('{"predictions":[9007199254740993, 1.0]}');
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}, 60_000);
afterAll(() => void server.close());
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "infer-"));
  models = ["clothes"];
  status = 200;
  seen = undefined;
});
afterEach(() => rmSync(cwd, { recursive: true }));

const infer = (...argv: string[]) => runCommand(["infer", ...argv, "--url", url], { cwd });

test("a URL is a row for the only model, and the answer is printed as it came", async () => {
  expect(await infer("https://example.com/a.jpg")).toEqual({
    code: 0,
    stdout: '{"predictions":[9007199254740993, 1.0]}\n',
    stderr: "",
  });
  expect(seen).toMatchObject({
    path: "/v1/models/clothes:predict",
    body: '{"instances":[{"url":"https://example.com/a.jpg"}]}',
    headers: { "content-type": "application/json" },
  });
});

test("files of bytes, JSON and URLs are a row each, numbers digit by digit", async () => {
  writeFileSync(join(cwd, "a.jpg"), Buffer.of(255, 216));
  writeFileSync(join(cwd, "row.json"), '{"id": 9007199254740993}\n');
  await infer("a.jpg", "row.json", "[1.0, 2]", "data:image/png;base64,AA==");
  expect(seen?.body).toBe(
    '{"instances":[{"b64":"/9g="},{"id": 9007199254740993}\n,[1.0, 2],{"url":"data:image/png;base64,AA=="}]}',
  );
});

test("a whole request is sent byte by byte", async () => {
  const request = '{ "inputs": [{"name": "x", "datatype": "INT64", "shape": [1], "data": [9007199254740993]}] }\n';
  writeFileSync(join(cwd, "request.json"), request);
  await infer("request.json", "--protocol", "v2", "--model_name", "a b", "--header", "Host: clothes.example.com");
  expect(seen).toMatchObject({
    path: "/v2/models/a%20b/infer",
    body: request,
    headers: { host: "clothes.example.com" },
  });
});

test("URLs over V2 are one BYTES column", async () => {
  await infer("https://example.com/a.jpg", "https://example.com/b.jpg", "--protocol=v2");
  expect(JSON.parse(seen?.body ?? "")).toEqual({
    inputs: [
      { name: "url", datatype: "BYTES", shape: [2], data: ["https://example.com/a.jpg", "https://example.com/b.jpg"] },
    ],
  });
});

test("an error's body is printed, and the exit code is 1", async () => {
  status = 400;
  const { code, stdout, stderr } = await infer("[1]", "--explain");
  expect(stdout).toContain("predictions");
  expect(stderr).toBe(`kserve-transformer: ${url} responded 400 Bad Request\n`);
  expect(code).toBe(1);
});

test.each<[string[], string[], string, number]>([
  [["[1]"], ["a", "b"], "which model? URL has a, b; give --model_name", 2],
  [["[1]"], [], "which model? URL has none that it names; give --model_name", 2],
  [[], ["a"], "expected a URL, a file, JSON or name=value to send, got nothing", 2],
  [
    ["http://localhost:9194", "a=1"],
    ["a"],
    "http://localhost:9194 is a server and no row: write --url http://localhost:9194",
    2,
  ],
  [["."], ["a"], '"." is neither a URL, nor JSON, nor a file: it is a folder', 2],
  [["no.jpg"], ["a"], '"no.jpg" is neither a URL, nor JSON, nor a file: there is no such file', 2],
  [["[1]", "--gpu", "1"], ["a"], "--gpu is not known here; see --help", 2],
])("%j with models %j is told in plain words", async (argv, names, message, code) => {
  models = names;
  expect(await infer(...argv)).toEqual({
    code,
    stdout: "",
    stderr: `kserve-transformer: ${message.replace("URL has", `${url} has`)}\n`,
  });
});

test("a word that begins as JSON does is told as JSON, not as a file", async () => {
  const { code, stderr } = await infer('{"instances":[1,}');
  expect(stderr).toMatch(/^kserve-transformer: "\{\\"instances\\":\[1,\}" is not JSON: .+\n$/);
  expect(code).toBe(2);
});

test("a transformer that is not there", async () => {
  const { code, stderr } = await runCommand(["infer", "[1]", "--url", "http://127.0.0.1:1"], { cwd });
  expect(stderr).toBe("kserve-transformer: http://127.0.0.1:1 cannot be reached: ECONNREFUSED\n");
  expect(code).toBe(1);
});
