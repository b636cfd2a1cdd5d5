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
/** Whether the server encodes keys as it is asked to; versitygw does not. */
let encodes = true;
/** What the next requests are refused with. */
let refusals: { readonly status: number; readonly code: string; readonly message?: string }[] = [];
/** How many more times an object answers that the server is busy. */
const away = new Map<string, number>();
const asked: IncomingMessage[] = [];

/** The part of S3's REST interface that reads; two keys a page. */
function answer(incoming: IncomingMessage, outgoing: ServerResponse): void {
  asked.push(incoming);
  const url = new URL(incoming.url ?? "/", "http://s3");
  const fail = (status: number, code: string, message = "") =>
    outgoing.writeHead(status).end(`<Error><Code>${code}</Code><Message>${message}</Message></Error>`);
  const refusal = refusals.shift();
  if (refusal !== undefined) {
    fail(refusal.status, refusal.code, refusal.message);
    return;
  }
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
    const write = (key: string) =>
      encodes ? encodeURIComponent(key).replaceAll("%20", "+") : key.replaceAll("&", "&amp;");
    const contents = page.map((key) => `<Contents><Key>${write(key)}</Key></Contents>`);
    const next = from + 2 < keys.length ? `<NextContinuationToken>a&amp;${from + 2}</NextContinuationToken>` : "";
    const type = `<EncodingType>${encodes ? "url" : ""}</EncodingType>`;
    outgoing.end(`<ListBucketResult>${contents.join("")}${type}${next}</ListBucketResult>`);
    return;
  }
  const path = decodeURIComponent(url.pathname);
  const object = objects.get(path);
  const [, start, end] = /^bytes=(\d+)-(\d+)$/.exec(incoming.headers.range ?? "") ?? [];
  const busy = away.get(path) ?? 0;
  away.set(path, busy - 1);
  if (busy > 0) fail(503, "SlowDown");
  else if (object === undefined) fail(404, "NoSuchKey");
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
  away.clear();
  broken = "";
  encodes = true;
  refusals = [];
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

const failures = () =>
  readFileSync(join(cwd, "out.jsonl.failed.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => [JSON.parse(line).row, JSON.parse(line).status]);

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

test("keys are read as the server wrote them, encoded or not", async () => {
  const names = ["100%.jpg", "a b+c&d.jpg", "ü.jpg"];
  for (const name of names) objects.set(`/pictures/odd/${name}`, Buffer.from(name));
  for (encodes of [true, false]) {
    expect(await batch("s3://pictures/odd/")).toMatchObject({ code: 0 });
    expect(predictions()).toEqual(names);
    for (const file of ["out.jsonl", "out.jsonl.failed.jsonl"]) rmSync(join(cwd, file));
  }
});

test.each([
  [404, "NoSuchBucket", "", "s3://rows/in.jsonl: there is no bucket 'rows' (404 NoSuchBucket)"],
  [404, "NoSuchUser", "who", "s3://rows/in.jsonl: 404 NoSuchUser, who"],
  [403, "SignatureDoesNotMatch", "", "may not be read (403 SignatureDoesNotMatch); look at AWS_SECRET_ACCESS_KEY"],
  [403, "InvalidAccessKeyId", "", "may not be read (403 InvalidAccessKeyId); look at AWS_ACCESS_KEY_ID"],
  [400, "AuthorizationHeaderMalformed", "the region &#34;x&#34; is wrong", 'Malformed, the region "x" is wrong'],
])("%i %s is told with what to look at", async (status, code, message, expected) => {
  refusals = [{ status, code, message }];
  const { code: exit, stderr } = await batch("s3://rows/in.jsonl");
  expect([exit, stderr]).toEqual([2, expect.stringContaining(expected)]);
});

test("a server that is not there is named, with the fault of the network and the variable", async () => {
  const { stderr } = await batch("s3://rows/in.jsonl", { ...keys, AWS_ENDPOINT_URL: "http://127.0.0.1:1" });
  expect(stderr).toMatch(/http:\/\/127\.0\.0\.1:1 cannot be asked for s3:.*: look at AWS_ENDPOINT_URL/);
  const refused = await batch("s3://rows/in.jsonl", keys, "--failures", "s3://rows/f");
  expect(refused.stderr).toContain("--failures s3://rows/f: expected a file on a disk");
});

test("a picture is read again while S3 is away; what failed for that is asked again by --resume, and a bad row is not", async () => {
  for (const name of ["a.jpg", "b.jpg"]) objects.set(`/public/${name}`, Buffer.from(name));
  objects.set("/public/list.txt", Buffer.from("a.jpg\nnone.jpg\nb.jpg\n"));
  const { AWS_ENDPOINT_URL = "" } = keys;
  const run = (...more: string[]) =>
    batch("s3://public/list.txt", { AWS_ENDPOINT_URL }, "--max_failures", "2", ...more);
  away.set("/public/a.jpg", 2);
  expect(await run("--retries", "1")).toMatchObject({ code: 0, stdout: "3 rows, 2 failed\n" });
  expect(failures()).toEqual([
    [0, 503],
    [1, 400],
  ]);
  away.set("/public/a.jpg", 1);
  expect(await run("--retries", "1", "--resume")).toMatchObject({ code: 0 });
  expect(failures()).toEqual([[1, 400]]);
  expect(predictions()).toEqual(["b.jpg", "a.jpg"]);
});

test("one failure too many names the file of the errors", async () => {
  objects.set("/rows/in.jsonl", Buffer.from("{\n"));
  expect((await batch("s3://rows/in.jsonl")).stdout).toContain(
    `the errors are in ${join(cwd, "out.jsonl.failed.jsonl")}`,
  );
});
