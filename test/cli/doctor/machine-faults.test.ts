import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { examineMachine, type Machine } from "../../../src/cli/doctor/machine/examine-machine.ts";
import { runDoctor } from "./run-doctor.ts";

const GIB = 2 ** 30;
let cgroupFolder: string;
beforeEach(() => {
  cgroupFolder = mkdtempSync(join(tmpdir(), "cgroup-"));
});
afterEach(() => rmSync(cgroupFolder, { recursive: true }));

/** What the kernel would have written there. */
function grant(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(cgroupFolder, name, ".."), { recursive: true });
    writeFileSync(join(cgroupFolder, name), text);
  }
}

const machine = (changes: Partial<Machine> = {}): Machine => ({
  nodeVersion: "20.19.0",
  nodeRange: ">=20.19",
  memoryBytes: 8 * GIB,
  heapBytes: 4 * GIB,
  imageThreads: 4,
  cgroupFolder,
  importPackage: async () => ({}),
  ...changes,
});

function fails(name: string, error: Error & { code?: string }): Partial<Machine> {
  return { importPackage: (asked) => (asked === name ? Promise.reject(error) : Promise.resolve({})) };
}

async function faults(changes: Partial<Machine>, ports: readonly number[] = []): Promise<string[]> {
  const found = await examineMachine(machine(changes), "127.0.0.1", ports);
  return found
    .filter(({ state }) => state === "error" || state === "warning")
    .map(({ check, fix }) => `${check}: ${fix}`);
}

const heap = { heapBytes: 128 * 2 ** 20 };

test.each<[string, Partial<Machine>, Readonly<Record<string, string>>, RegExp]>([
  ["an old Node", { nodeVersion: "18.20.4" }, {}, /^machine\/node: Install Node 20\.19/],
  ["a Node that is old by its second number", { nodeVersion: "20.9.0" }, {}, /^machine\/node/],
  [
    "sharp of another platform",
    fails("sharp", new Error('Could not load the "sharp" module')),
    {},
    /^machine\/sharp: .*npm install --os=/,
  ],
  [
    "an onnxruntime that does not load",
    fails("onnxruntime-node", new Error("GLIBC_2.34 not found")),
    {},
    /^machine\/onnxruntime/,
  ],
  [
    "a heap beyond the container's memory",
    {},
    { "memory.max": String(GIB) },
    /^machine\/memory: Set NODE_OPTIONS=--max-old-space-size=716/,
  ],
  ["little memory", heap, { "memory.max": "230000000" }, /^machine\/memory: Give the container 256Mi/],
  ["little memory, in version 1 of cgroups", heap, { "memory/memory.limit_in_bytes": "230000000" }, /^machine\/memory/],
  ["more threads than processors", {}, { "cpu.max": "150000 100000" }, /^machine\/cpus: Serve with --image_threads 1/],
  [
    "the same in version 1",
    {},
    { "cpu/cpu.cfs_quota_us": "200000", "cpu/cpu.cfs_period_us": "100000" },
    /^machine\/cpus: Serve with --image_threads 2/,
  ],
])("%s is found, and nothing else", async (_fault, changes, files, said) => {
  grant(files);
  const found = await faults(changes);
  expect(found).toEqual([expect.stringMatching(said)]);
});

test("a port that another process has is found", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  expect(await faults({}, [port])).toEqual([expect.stringMatching(/^machine\/port: Serve on another/)]);
  await new Promise((resolve) => server.close(resolve));
  expect(await faults({}, [port])).toEqual([]);
});

test("what is well, without limits or with the kernel's words for none, has no faults; onnxruntime may be missing", async () => {
  grant({ "memory.max": "max\n", "cpu.max": "max 100000\n" });
  const missing = Object.assign(new Error("Cannot find package"), { code: "ERR_MODULE_NOT_FOUND" });
  expect(await faults(fails("onnxruntime-node", missing))).toEqual([]);
  grant({ "memory.max": "max\n", "cpu.max": "400000 100000\n" });
  expect(await faults({})).toEqual([]);
});

test("a flag of the other kind of place is refused, not ignored", async () => {
  await expect(runDoctor([".", "--model_name", "m"])).rejects.toThrow("--model_name goes with a URL, got .");
  await expect(runDoctor(["http://a", "--fix"])).rejects.toThrow("--fix goes with a folder, got http://a");
});
