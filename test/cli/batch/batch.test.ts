import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parquetWriteFile } from "hyparquet-writer";
import { buildCommand, runCommand } from "../command-process.ts";

const TRANSFORMER = `
import { InferenceError, Transformer } from "kserve-transformer";
export default class A extends Transformer {
  async predict(request) {
    await new Promise((resolve) => setTimeout(resolve, Number(process.env.SLOW ?? 0)));
    return request.reply({ predictions: request.instances.map((row) => {
      if (row?.bad) throw new InferenceError("bad row", { code: "invalid_argument" });
      return typeof row === "number" ? row * 2 : row;
    }) });
  }
}`;

let cwd: string;
beforeAll(() => void buildCommand(), 60_000);
beforeEach(() => {
  cwd = mkdtempSync(join(tmpdir(), "batch-"));
  writeFileSync(join(cwd, "a.mjs"), TRANSFORMER);
});
afterEach(() => rmSync(cwd, { recursive: true }));

const batch = (argv: readonly string[], env: Record<string, string> = {}) =>
  runCommand(["batch", "a.mjs", "--predictor", "none", ...argv], { cwd, env });
const write = (name: string, lines: readonly string[]) => writeFileSync(join(cwd, name), `${lines.join("\n")}\n`);
const linesOf = (name: string): { row: number; prediction?: unknown; error?: string; file?: string }[] =>
  readFileSync(join(cwd, name), "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line));

test("rows of JSON lines come out in their order, integers digit by digit", async () => {
  write("in.jsonl", ["1", '{"id":9007199254740993}', "", "[1.0]", ...Array.from({ length: 60 }, (_, i) => String(i))]);
  const { code, stdout, stderr } = await batch(["--input", "in.jsonl", "--output", "out.jsonl", "--batch_rows", "7"]);
  expect([code, stdout, stderr]).toEqual([0, "63 rows, 0 failed\n", ""]);
  expect(linesOf("out.jsonl").map(({ row }) => row)).toEqual(Array.from({ length: 63 }, (_, index) => index));
  expect(readFileSync(join(cwd, "out.jsonl"), "utf8")).toContain('{"row":1,"prediction":{"id":9007199254740993}}');
});

test("CSV and Parquet give records, a folder pictures with their names", async () => {
  write("in.csv", ["name,age,zip,ok", "Ada,36,007,true", '"a,b",,12.50,false']);
  await batch(["--input", "in.csv", "--output", "csv.jsonl"]);
  expect(linesOf("csv.jsonl").map(({ prediction }) => prediction)).toEqual([
    { name: "Ada", age: 36, zip: "007", ok: true },
    { name: "a,b", age: null, zip: "12.50", ok: false },
  ]);
  parquetWriteFile({
    filename: join(cwd, "in.parquet"),
    columnData: [
      { name: "id", data: [1n, 2n ** 60n], type: "INT64" },
      { name: "city", data: ["Bern", "Köln"], type: "STRING" },
    ],
  });
  await batch(["--input", "in.parquet", "--output", "parquet.jsonl"]);
  expect(readFileSync(join(cwd, "parquet.jsonl"), "utf8")).toBe(
    '{"row":0,"prediction":{"id":1,"city":"Bern"}}\n{"row":1,"prediction":{"id":1152921504606846976,"city":"Köln"}}\n',
  );
  const drawing = fileURLToPath(new URL("../../../examples/clothing/drawings/hat.jpg", import.meta.url));
  mkdirSync(join(cwd, "pictures/more"), { recursive: true });
  for (const name of ["b.jpg", "a.jpg", "more/c.jpg"]) cpSync(drawing, join(cwd, "pictures", name));
  await batch(["--input", "pictures", "--output", "pictures.jsonl"]);
  expect(linesOf("pictures.jsonl").map(({ file }) => file?.slice(join(cwd, "pictures").length))).toEqual([
    "/a.jpg",
    "/b.jpg",
    "/more/c.jpg",
  ]);
});

test("a model's folder is served by its files alone; what is no picture by its name is told, and hidden files are not", async () => {
  const clothing = new URL("../../../examples/clothing/", import.meta.url);
  const keras = { loader: "load_img", size: [192, 192], interpolation: "nearest", preprocess_input: "xception" };
  const labels = ["dress", "hat", "longsleeve", "outwear", "pants", "shirt", "shoes", "shorts", "skirt", "t-shirt"];
  for (const name of ["model", "pictures"]) mkdirSync(join(cwd, name));
  writeFileSync(join(cwd, "model/preprocessing.json"), JSON.stringify({ keras, labels }));
  cpSync(fileURLToPath(new URL("drawings/hat.jpg", clothing)), join(cwd, "pictures/hat.jpg"));
  writeFileSync(join(cwd, "pictures/one.ppm"), "P3 1 1 255 255 0 0\n");
  for (const name of ["photo.heic", ".hidden"]) writeFileSync(join(cwd, "pictures", name), "");
  const { code, stderr } = await runCommand(
    ["batch", "./model", "--predictor", `onnx:${fileURLToPath(new URL("clothing.onnx", clothing))}`].concat([
      "--input",
      "pictures",
      "--output",
      "out.jsonl",
    ]),
    { cwd },
  );
  expect([code, stderr]).toEqual([0, "left out, since no picture has such a name: photo.heic\n"]);
  expect(linesOf("out.jsonl").map(({ prediction }) => (prediction as { label: string }[])[0]?.label)).toEqual([
    "hat",
    expect.any(String),
  ]);
});

test("a bad row fails alone, with its error in a file of its own, and decides the exit code", async () => {
  write("in.jsonl", ["1", '{"bad":true}', "not json", "4"]);
  const argv = ["--input", "in.jsonl", "--output", "out.jsonl"];
  expect(await batch([...argv, "--max_failures", "2"])).toMatchObject({ code: 0, stdout: "4 rows, 2 failed\n" });
  expect(linesOf("out.jsonl").map(({ row, prediction }) => [row, prediction])).toEqual([
    [0, 2],
    [3, 8],
  ]);
  expect(linesOf("out.jsonl.failed.jsonl")).toEqual([
    { row: 1, status: 400, code: "invalid_argument", error: "bad row" },
    { row: 2, status: 400, code: "invalid_argument", error: "in.jsonl, line 3: not JSON" },
  ]);
  const again = await batch(argv);
  expect([again.code, again.stderr]).toEqual([2, expect.stringContaining("give --resume to go on, or another file")]);
  expect((await batch(["--input", "in.jsonl", "--output", "strict.jsonl"])).code).toBe(1);
});

test("killed at any moment and resumed, nothing is lost and nothing is twice", async () => {
  const rows = Array.from({ length: 400 }, (_, index) => (index % 50 === 7 ? '{"bad":true}' : String(index)));
  write("in.jsonl", rows);
  const argv = [
    "a.mjs",
    "--predictor",
    "none",
    "--input",
    "in.jsonl",
    "--output",
    "out.jsonl",
    "--max_failures",
    "100",
  ];
  const more = ["--resume", "--batch_rows", "3", "--concurrency", "3"];
  for (const wait of [350, 500, 420, 650, 380]) {
    const env = { PATH: process.env["PATH"], HOME: cwd, SLOW: "15" };
    const child = spawn(process.execPath, [buildCommand(), "batch", ...argv, ...more], { cwd, env, stdio: "ignore" });
    const exit = once(child, "exit");
    await delay(wait);
    child.kill("SIGKILL");
    await exit;
  }
  expect(await batch([...argv.slice(3), ...more])).toMatchObject({ code: 0, stderr: "" });
  const done = [...linesOf("out.jsonl"), ...linesOf("out.jsonl.failed.jsonl")].map(({ row }) => row);
  expect(done.sort((a, b) => a - b)).toEqual(rows.map((_, index) => index));
  for (const { row, prediction } of linesOf("out.jsonl")) expect(prediction).toBe(row * 2);
}, 60_000);

test("a disk that is full ends the batch with its file's name; with room again nothing is lost", async () => {
  write(
    "in.jsonl",
    Array.from({ length: 300 }, (_, index) => String(index)),
  );
  const argv = ["batch", "a.mjs", "--predictor", "none", "--input", "in.jsonl", "--output", "out.jsonl"];
  // A limit on files' size (in kilobytes) cuts a write short, and fails the next one, as a full disk does.
  const shell = `ulimit -f 2; exec "${process.execPath}" "${buildCommand()}" "$@"`;
  const { status, stderr } = spawnSync("bash", ["-c", shell, "bash", ...argv], { cwd, encoding: "utf8" });
  expect(status).not.toBe(0);
  expect(stderr).toContain("out.jsonl cannot be written (EFBIG): make room, and go on with --resume");
  expect(readFileSync(join(cwd, "out.jsonl"))).toHaveLength(2048);
  expect(await batch([...argv.slice(4), "--resume"])).toMatchObject({ code: 0, stderr: "" });
  expect(linesOf("out.jsonl").map(({ row, prediction }) => [row, prediction])).toEqual(
    Array.from({ length: 300 }, (_, index) => [index, index * 2]),
  );
});

test("an input that is broken further on: the rows before it are done, and the fault is named", async () => {
  const argv = (input: string): string[] => ["--input", input, "--output", `${input}.out`, "--batch_rows", "7"];
  write("in.csv", ["a,b", ...Array.from({ length: 20 }, (_, index) => `${index},x`), "1,2,3", "4", "5,y"]);
  const csv = await batch([...argv("in.csv"), "--max_failures", "9"]);
  expect([csv.code, csv.stdout]).toEqual([0, "23 rows, 2 failed\n"]);
  expect(linesOf("in.csv.out").at(-1)).toEqual({ row: 22, prediction: { a: 5, b: "y" } });
  expect(linesOf("in.csv.out.failed.jsonl").map(({ error }) => error)).toEqual([
    "CSV, line 22: expected 2 values, got 3",
    "CSV, line 23: expected 2 values, got 1",
  ]);
  write("quote.csv", ["a", '"b', "c"]);
  expect((await batch(argv("quote.csv"))).stderr).toContain("CSV: Quote Not Closed");
  write("twice.csv", ["a,b,a", "1,2,3"]);
  expect((await batch(argv("twice.csv"))).stderr).toContain("CSV: the column 'a' is there twice");
  const data = Array.from({ length: 5000 }, (_, index) => `city ${index}`);
  parquetWriteFile({
    filename: join(cwd, "whole.parquet"),
    columnData: [{ name: "city", data, type: "STRING" }],
    rowGroupSize: 1024,
  });
  const bytes = readFileSync(join(cwd, "whole.parquet"));
  writeFileSync(join(cwd, "in.parquet"), bytes.fill(0xff, 8000, 12_000));
  const parquet = await batch(argv("in.parquet"));
  expect([parquet.code, parquet.stderr]).toEqual([
    2,
    expect.stringMatching(/in\.parquet, rows \d+ to \d+: the Parquet data is broken/),
  ]);
  expect(linesOf("in.parquet.out").length % 1024).toBe(0);
  writeFileSync(join(cwd, "cut.parquet"), bytes.subarray(0, 3000));
  expect((await batch(argv("cut.parquet"))).stderr).toContain("cut.parquet is no Parquet file");
});

test("files that are each other, or that no batch has written, are told apart before anything is written", async () => {
  write("in.jsonl", ["1", "2"]);
  const refused = async (...argv: string[]): Promise<string> => {
    const { code, stderr } = await batch(["--input", "in.jsonl", ...argv]);
    expect(code).toBe(2);
    return stderr;
  };
  expect(await refused("--output", "in.jsonl", "--resume")).toContain("--output and --input are the same file");
  expect(await refused("--output", "o", "--failures", "./o")).toContain("--output and --failures are the same file");
  cpSync(join(cwd, "in.jsonl"), join(cwd, "o.jsonl"));
  expect(await refused("--output", "o.jsonl", "--resume")).toContain(
    'expected lines that a batch has written, {"row": …}, got 1',
  );
  expect(await refused("--output", "/dev/null", "--resume")).toContain("/dev/null: expected a file");
  expect(readFileSync(join(cwd, "in.jsonl"), "utf8")).toBe("1\n2\n");
});

test("a predictor that is away is asked for a request's rows together, not for one after the other", async () => {
  write(
    "in.jsonl",
    Array.from({ length: 50 }, (_, index) => String(index)),
  );
  writeFileSync(
    join(cwd, "a.mjs"),
    'import { Transformer } from "kserve-transformer"; export default class A extends Transformer {}',
  );
  let connections = 0;
  const away = createServer((socket) => {
    connections += 1;
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(away, "listening");
  const { port } = away.address() as AddressInfo;
  const more = [
    "--predictor",
    `http://127.0.0.1:${port}`,
    "--predictor_protocol",
    "v1",
    "--predictor_request_retries",
    "0",
  ];
  const argv = [
    "--input",
    "in.jsonl",
    "--output",
    "o.jsonl",
    "--retries",
    "0",
    "--max_failures",
    "50",
    "--batch_rows",
    "25",
  ];
  expect(await batch([...argv, ...more])).toMatchObject({ code: 0, stdout: "50 rows, 50 failed\n" });
  expect(connections).toBe(2);
  expect(linesOf("o.jsonl.failed.jsonl").map(({ row }) => row)).toEqual(
    Array.from({ length: 50 }, (_, index) => index),
  );
  away.close();
});

test("shards share the rows, by a flag or as a Job of Kubernetes numbers its pods", async () => {
  write("in.jsonl", ["0", "1", "2", "3", "4", "5", "6"]);
  const argv = ["--input", "in.jsonl", "--output", "out-{shard}.jsonl"];
  await batch([...argv, "--shard", "0/3"]);
  await batch([...argv, "--shard", "3"], { JOB_COMPLETION_INDEX: "1" });
  expect(linesOf("out-0.jsonl").map(({ row }) => row)).toEqual([0, 3, 6]);
  expect(linesOf("out-1.jsonl").map(({ row }) => row)).toEqual([1, 4]);
  expect((await batch([...argv, "--shard", "3/3"])).stderr).toContain("--shard: expected INDEX/COUNT from 0");
});

test.each([
  [["--output", "o.jsonl"], "--input is missing"],
  [["--input", "in.jsonl"], "--output is missing"],
  [["--input", "nowhere.csv", "--output", "o.jsonl"], "there is no such file or folder"],
  [["--input", "a.mjs", "--output", "o.jsonl"], "expected .jsonl, .csv"],
])("%j is told in plain words", async (argv, message) => {
  const { code, stderr } = await batch(argv);
  expect([code, stderr]).toEqual([2, expect.stringContaining(message)]);
});
