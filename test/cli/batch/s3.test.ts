import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parquetWriteBuffer } from "hyparquet-writer";
import { buildCommand, runCommand } from "../command-process.ts";

const TRANSFORMER = `
import { Transformer } from "kserve-transformer";
export default class A extends Transformer {
  predict(request) {
    return request.reply({ predictions: request.instances.map((row) => row?.b64 ? Buffer.from(row.b64, "base64").toString() : row) });
  }
}`;

const objects = new Map<string, Buffer>();
/** Path of an object that breaks off in the middle. */
let broken = "";
const asked: IncomingMessage[] = [];

/** The part of S3's REST interface that reads; two keys a page. */
function answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
  asked.push(incoming);
  const url = new URL(incoming.url ?? "/", "http://s3");
  const fail = (status: number, code: string) => outgoing.writeHead(status).end(`<Error><Code>${code}</Code></Error>`);
  const isPublic = url.pathname.startsWith("/public");
  if (!isPublic && !/^AWS4-HMAC-SHA256 Credential=key\//.test(incoming.headers.authorization ?? "")) {
    fail(403, "AccessDenied");
    return;
  }
  if (url.searchParams.get("list-type") === "2") {
    const prefix = `${url.pathname}/${url.searchParams.get("prefix")}`;
    const keys = [...objects.keys()].filter((path) => path.startsWith(prefix)).sort();
    const from = Number(url.searchParams.get("continuation-token")?.slice(2) ?? 0);
    const page = keys.slice(from, from + 2).map((path) => path.slice(url.pathname.length + 1));
    const contents = page.map(
      (key) => `<Contents><Key>${encodeURIComponent(key).replaceAll("%20", "+")}</Key></Contents>`,
    );
    const next = from + 2 < keys.length ? `<NextContinuationToken>a&amp;${from + 2}</NextContinuationToken>` : "";
    outgoing.end(`<ListBucketResult>${contents.join("")}${next}</ListBucketResult>`);
    return;
  }
  const path = decodeURIComponent(url.pathname);
  const object = objects.get(path);
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(incoming.headers.range ?? "") ?? [];
  if (object === undefined) fail(404, "NoSuchKey");
  else if (start !== undefined) {
    const headers = { "content-range": `bytes ${start}-${end}/${object.length}` };
    outgoing.writeHead(206, headers).end(object.subarray(Number(start), Number(end) + 1));
  } else {
    outgoing.writeHead(200, { "content-length": object.length });
    if (path === broken) outgoing.write(object.subarray(0, object.length / 2), () => outgoing.destroy());
    else outgoing.end(object);
  }
}

const server = createServer(answer);
let keys: Record<string, string>;
let cwd: string;
beforeAll(async () => {
  buildCommand();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  keys = { AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: "key", AWS_SECRET_ACCESS_KEY: "secret" };
}, 60_000);
afterAll(() => server.close());
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "batch-s3-"));
  writeFileSync(join(cwd, "a.mjs"), TRANSFORMER);
  objects.clear();
  broken = "";
});
afterEach(() => rmSync(cwd, { recursive: true }));

const batch = (input: string, env: Record<string, string> = keys, ...more: string[]) =>
  runCommand(["batch", "a.mjs", "--predictor", "none", "--input", input, "--output", "out.jsonl", ...more], {
    cwd,
    env,
  });
const predictions = () =>
  readFileSync(join(cwd, "out.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line).prediction);

test("JSON lines, CSV and Parquet of a bucket", async () => {
  objects.set("/rows/a b+c.jsonl", Buffer.from('{"x":1}\r\n"zwei"\n3'));
  expect(await batch("s3://rows/a b+c.jsonl")).toMatchObject({ code: 0, stdout: "3 rows, 0 failed\n" });
  expect(predictions()).toEqual([{ x: 1 }, "zwei", 3]);
  rmSync(join(cwd, "out.jsonl"));
  rmSync(join(cwd, "out.jsonl.failed.jsonl"));
  objects.set("/rows/in.csv", Buffer.from("n,c\n1,Köln\n"));
  await batch("s3://rows/in.csv");
  expect(predictions()).toEqual([{ n: 1, c: "Köln" }]);
  rmSync(join(cwd, "out.jsonl"));
  rmSync(join(cwd, "out.jsonl.failed.jsonl"));
  const columnData = [{ name: "id", data: Array.from({ length: 3000 }, (_, i) => i), type: "INT32" as const }];
  objects.set("/rows/in.parquet", Buffer.from(parquetWriteBuffer({ columnData })));
  await batch("s3://rows/in.parquet");
  expect(predictions()).toEqual(Array.from({ length: 3000 }, (_, id) => ({ id })));
});

test("all pictures below a key, page by page, in their order; a list beside them", async () => {
  for (const name of ["c.jpg", "a.png", "more/b&d.jpg", "note.md", "z.gif"]) {
    objects.set(`/pictures/day/${name}`, Buffer.from(name));
  }
  await batch("s3://pictures/day/");
  expect(predictions()).toEqual(["a.png", "c.jpg", "more/b&d.jpg", "z.gif"]);
  rmSync(join(cwd, "out.jsonl"));
  rmSync(join(cwd, "out.jsonl.failed.jsonl"));
  objects.set("/pictures/lists/some.txt", Buffer.from("../day/z.gif\ns3://pictures/day/a.png\n"));
  await batch("s3://pictures/lists/some.txt");
  expect(predictions()).toEqual(["z.gif", "a.png"]);
});

test("without a key requests are not signed", async () => {
  objects.set("/public/in.jsonl", Buffer.from("1\n"));
  const { AWS_ENDPOINT_URL = "" } = keys;
  expect((await batch("s3://public/in.jsonl", { AWS_ENDPOINT_URL })).code).toBe(0);
  expect(asked.at(-1)?.headers.authorization).toBeUndefined();
  const half = await batch("s3://public/in.jsonl", { AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID: "key" }, "--resume");
  expect([half.code, half.stderr]).toEqual([2, expect.stringContaining("AWS_SECRET_ACCESS_KEY, got one of them")]);
  const private_ = await batch("s3://rows/in.jsonl", { AWS_ENDPOINT_URL }, "--resume");
  expect(private_.stderr).toContain("s3://rows/in.jsonl: may not be read (403 AccessDenied)");
});

test("an object that breaks off ends the batch after its rows, and --resume goes on", async () => {
  const rows = Array.from({ length: 20_000 }, (_, i) => i);
  objects.set("/rows/in.jsonl", Buffer.from(rows.join("\n")));
  broken = "/rows/in.jsonl";
  const { code, stderr } = await batch("s3://rows/in.jsonl");
  expect(code).not.toBe(0);
  expect(stderr).toContain("s3://rows/in.jsonl broke off after");
  broken = "";
  expect((await batch("s3://rows/in.jsonl", keys, "--resume")).code).toBe(0);
  expect(predictions()).toEqual(rows);
});

test("what is not there is said by its place", async () => {
  const missing = await batch("s3://rows/nothing.jsonl");
  expect([missing.code, missing.stderr]).toEqual([
    2,
    expect.stringContaining("s3://rows/nothing.jsonl: there is no such object"),
  ]);
  expect((await batch("s3://rows/none/")).stderr).toContain("s3://rows/none/: there is no picture");
  expect((await batch("s3:///x.jsonl")).stderr).toContain("expected s3://BUCKET/KEY");
});
