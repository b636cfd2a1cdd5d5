import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { InferenceError } from "../../src/errors.ts";
import { ThreadPool } from "../../src/threads/thread-pool.ts";

const folder = mkdtempSync(join(tmpdir(), "threads-"));

/** A module whose default export is written here. */
function moduleOf(name: string, text: string): URL {
  const file = join(folder, name);
  writeFileSync(file, text);
  return pathToFileURL(file);
}

const sum = moduleOf(
  "sum.mjs",
  `import { threadId } from "node:worker_threads";
   export default ({ values }) => ({ threadId, doubled: values.map((value) => 2 * value) });`,
);
const fails = moduleOf(
  "fails.ts",
  `import { InferenceError } from "kserve-transformer";
   export default (code: "invalid_argument"): never => { throw new InferenceError("no such thing", { code }); };`,
);
const forever = moduleOf("forever.mjs", `export default () => { for (;;); };`);

let pool: ThreadPool;
beforeEach(() => {
  pool = new ThreadPool(1);
});
afterEach(() => pool.close());

interface Doubled {
  readonly threadId: number;
  readonly doubled: Float32Array;
}

test("a task runs in a thread, and its arrays come back as they were made", async () => {
  const { threadId, doubled } = await pool.run<Doubled>(sum, { values: Float32Array.of(1, 2.5) });
  expect(threadId).toBeGreaterThan(0);
  expect([...doubled]).toEqual([2, 5]);
});

test("input is copied, and taken over where it is handed over", async () => {
  const values = Float32Array.of(1, 2.5);
  await pool.run(sum, { values });
  expect(values.length).toBe(2);
  await pool.run(sum, { values }, { transfer: [values.buffer] });
  expect(values.length).toBe(0);
});

test("a user's TypeScript module runs there, and its InferenceError keeps its code", async () => {
  const error = await pool.run(fails, "permission_denied").catch((thrown: unknown) => thrown);
  expect(InferenceError.isInstance(error)).toBe(true);
  expect(error).toMatchObject({ code: "permission_denied", status: 403, message: "no such thing" });
});

test("other errors keep their name, their message and their stack", async () => {
  const module = moduleOf("type-error.mjs", `export default () => undefined.length;`);
  await expect(pool.run(module, 1)).rejects.toMatchObject({
    name: "TypeError",
    message: expect.stringContaining("undefined"),
    stack: expect.stringContaining("type-error.mjs"),
  });
});

test("a module without a function as default export is named", async () => {
  const module = moduleOf("number.mjs", `export default 5;`);
  await expect(pool.run(module, 1)).rejects.toThrow(/number\.mjs: expected a function as default export, got number/);
});

test("a task that never ends is ended with its thread when the signal aborts, and the next one runs", async () => {
  const controller = new AbortController();
  const endless = pool.run(forever, undefined, { signal: controller.signal });
  const waiting = pool.run<Doubled>(sum, { values: Float32Array.of(4) });
  setTimeout(() => controller.abort(new Error("the client left")), 300);
  await expect(endless).rejects.toThrow("the client left");
  expect([...(await waiting).doubled]).toEqual([8]);
});

test("a task that waits does not begin once its signal aborted", async () => {
  const started = join(folder, "started");
  const marks = moduleOf(
    "marks.mjs",
    `import { writeFileSync } from "node:fs";
     export default async (file) => { writeFileSync(file, ""); await new Promise((done) => setTimeout(done, 50)); };`,
  );
  const controller = new AbortController();
  const first = pool.run(marks, `${started}-1`);
  const second = pool.run(marks, `${started}-2`, { signal: controller.signal, finishes: true });
  controller.abort(new Error("left"));
  await expect(second).rejects.toThrow("left");
  await first;
  expect([existsSync(`${started}-1`), existsSync(`${started}-2`)]).toEqual([true, false]);
});

test("after close() the threads are gone, what ran has failed, and nothing new runs", async () => {
  const endless = pool.run(forever, undefined);
  const settled = expect(endless).rejects.toThrow();
  await new Promise((resolve) => setTimeout(resolve, 200));
  await pool.close();
  await settled;
  await expect(pool.run(sum, { values: Float32Array.of(1) })).rejects.toThrow("the server has ended");
});

test("a pool of no threads runs tasks here", async () => {
  const here = new ThreadPool(0);
  const { doubled } = await here.run<Doubled>(sum, { values: Float32Array.of(3) });
  expect([...doubled]).toEqual([6]);
  await here.close();
});
