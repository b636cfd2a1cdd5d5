import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseSync } from "@swc/core";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = join(root, "src");

/** Who may import whom: each room lists the rooms it may import, besides itself. */
const ERRORS = ["brand", "errors", "import-peer", "nearest-name", "resumable", "shorten-text", "turns"];
const TENSOR = [...ERRORS, "tensor"];
const INFERENCE = [...TENSOR, "inference"];
const CONVERT = [...INFERENCE, "json", "convert"];
const PROTOCOL = [...CONVERT, "protocol"];
const PREDICTOR = [...PROTOCOL, "policy", "predictor"];
const TRANSFORMER = [...PREDICTOR, "transformer"];
const SERVER = [...TRANSFORMER, "envelope", "server", "download", "observability", "playground", "threads"];
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  brand: [],
  "nearest-name": [],
  resumable: ["turns"],
  "shorten-text": [],
  turns: [],
  errors: ["brand", "shorten-text"],
  "import-peer": ["errors"],
  tensor: ERRORS,
  inference: TENSOR,
  json: TENSOR,
  convert: [...INFERENCE, "json"],
  policy: INFERENCE,
  protocol: CONVERT,
  envelope: PROTOCOL,
  predictor: [...PROTOCOL, "policy"],
  transformer: PREDICTOR,
  threads: INFERENCE,
  download: [...ERRORS, "inference"],
  image: INFERENCE,
  text: INFERENCE,
  tabular: INFERENCE,
  tfjs: [...PREDICTOR, "image"],
  labels: INFERENCE,
  vision: [...INFERENCE, "image", "labels"],
  observability: [...INFERENCE, "json"],
  playground: TRANSFORMER,
  server: SERVER,
  testing: [...SERVER, "image", "tabular", "labels"],
  contract: [],
  manifest: [...ERRORS, "contract"],
  cli: [...SERVER, "image", "text", "vision", "contract", "manifest"],
  index: SERVER,
};

interface ImportEdge {
  readonly from: string;
  readonly to: string;
}

function codeFiles(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/[\\/](gen|node_modules|dist)[\\/]/.test(file));
}

const sourceFiles = (folder: string) => codeFiles(folder).filter((file) => file.endsWith(".ts"));

/** Every relative import of a file: static, re-exported and dynamic. */
function importsOf(file: string): ImportEdge[] {
  const tree = parseSync(readFileSync(file, "utf8"), { syntax: "typescript", target: "es2023" });
  const specifiers: string[] = [];
  JSON.stringify(tree, (_key, node) => {
    if (node !== null && typeof node === "object") {
      if (/^(Import|Export\w*)Declaration$/.test(node.type) && node.source?.value) specifiers.push(node.source.value);
      if (node.type === "CallExpression" && node.callee?.type === "Import") {
        specifiers.push(node.arguments[0]?.expression?.value ?? "");
      }
    }
    return node;
  });
  return specifiers
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => ({ from: file, to: resolve(dirname(file), specifier) }));
}

const roomOf = (file: string) => (relative(source, file).split("/")[0] ?? "").replace(/\.ts$/, "");
const files = sourceFiles(source);
const edges = files.flatMap(importsOf);

/** Flat folders that are allowed to be larger than a room should be, each for its reason. */
const LARGE: Readonly<Record<string, string>> = {
  "src/text/tokenizer": "one file a part of tokenizer.json",
  "src/predictor/http": "one file a step of a call",
};

describe("architecture", () => {
  test("reads the imports at all", () => {
    expect(edges.length).toBeGreaterThan(100);
    expect(edges.some(({ from, to }) => roomOf(from) === "server" && roomOf(to) === "transformer")).toBe(true);
  });

  test("every room is on the map", () => {
    expect(files.map(roomOf).filter((room) => MAY_IMPORT[room] === undefined)).toEqual([]);
  });

  test("ARCHITECTURE.md has a row for every room", () => {
    const page = readFileSync(join(root, "ARCHITECTURE.md"), "utf8");
    const rooms = readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(rooms.map(({ name }) => name).filter((name) => !page.includes(`\`${name}/\``))).toEqual([]);
  });

  test("imports point left only", () => {
    const wrong = edges.filter(({ from, to }) => {
      const [room, target] = [roomOf(from), roomOf(to)];
      return room !== target && MAY_IMPORT[room]?.includes(target) !== true;
    });
    expect(wrong.map(({ from, to }) => `${relative(source, from)} → ${relative(source, to)}`)).toEqual([]);
  });

  test("nobody inside imports an index of its own room", () => {
    const wrong = edges.filter(
      ({ from, to }) => roomOf(from) === roomOf(to) && to === join(source, roomOf(to), "index.ts"),
    );
    expect(wrong.map(({ from }) => relative(source, from))).toEqual([]);
  });

  test("there are no cycles", () => {
    const targets = new Map<string, string[]>();
    for (const { from, to } of edges) targets.set(from, [...(targets.get(from) ?? []), to]);
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (file: string, path: readonly string[]) => {
      if (path.includes(file)) {
        cycles.push([...path.slice(path.indexOf(file)), file].map((name) => relative(source, name)).join(" → "));
        return;
      }
      if (done.has(file)) return;
      for (const target of targets.get(file) ?? []) visit(target, [...path, file]);
      done.add(file);
    };
    for (const file of files) visit(file, []);
    expect(cycles).toEqual([]);
  });

  test("argv and environment are read in src/cli only", () => {
    const readers = files.filter((file) => /process\s*\.\s*(env|argv)\b/.test(readFileSync(file, "utf8")));
    expect(readers.map((file) => relative(source, file)).filter((file) => !file.startsWith("cli/"))).toEqual([]);
  });

  test("no file is over 300 lines", () => {
    const folders = ["transformers", "examples", "test", "bench", "playground", "scripts"];
    const all = [...files, ...folders.flatMap((folder) => codeFiles(join(root, folder)))];
    const long = all.filter((file) => readFileSync(file, "utf8").split("\n").length > 301);
    expect(long.map((file) => relative(root, file))).toEqual([]);
  });

  test("no folder has more than 15 files", () => {
    const folders = new Map<string, number>();
    for (const file of [...files, ...sourceFiles(join(root, "test"))]) {
      const folder = relative(root, dirname(file));
      folders.set(folder, (folders.get(folder) ?? 0) + 1);
    }
    const large = [...folders].filter(([, count]) => count > 15).map(([folder]) => folder);
    expect(large.sort()).toEqual(Object.keys(LARGE).sort());
  });

  test("transformers and examples use public imports only", () => {
    const users = [...sourceFiles(join(root, "transformers")), ...sourceFiles(join(root, "examples"))];
    const wrong = users.flatMap(importsOf).filter(({ to }) => to.startsWith(source));
    expect(wrong.map(({ from, to }) => `${relative(root, from)} → ${relative(root, to)}`)).toEqual([]);
  });
});
