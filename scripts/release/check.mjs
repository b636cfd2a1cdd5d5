/**
 * Everything that a release needs, without releasing: `npm run release:check`. Leaves the package, its bill of materials and
 * the notes in .cache/release/.
 *
 *     node scripts/release/check.mjs [--tag v1.2.0]
 */
import { execFile } from "node:child_process";
import { lstatSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { releaseNotes, versionProblems } from "./changelog.mjs";
import { licenceProblems } from "./licences.mjs";
import { packageProblems, sizeProblems } from "./package-files.mjs";
import { packedParts } from "./packed-parts.mjs";
import { pinProblems, readWorkflows } from "./workflow-pins.mjs";

const { tag } = parseArgs({ options: { tag: { type: "string" } } }).values;
const OUTPUT = ".cache/release";
const BILL = `${OUTPUT}/sbom.cdx.json`;
const manifest = readJson("package.json");
const changelog = readFileSync("CHANGELOG.md", "utf8");

/** Each step returns what it found and what is wrong. */
const STEPS = {
  version() {
    const lockVersion = readJson("package-lock.json").version;
    const notes = releaseNotes(changelog, manifest.version) || releaseNotes(changelog, "Unreleased") || "";
    writeFileSync(`${OUTPUT}/notes.md`, `${notes}\n`);
    return {
      found: manifest.version,
      problems: versionProblems({ version: manifest.version, lockVersion, changelog, tag }),
    };
  },

  async package() {
    const packed = await pack();
    const again = await pack();
    const problems = packageProblems(packed.files, manifest);
    if (packed.integrity !== again.integrity) problems.push("packed twice it is not the same bytes");
    return { found: `${packed.filename}, ${packed.files.length} files`, problems };
  },

  async size() {
    const { filename, unpackedSize } = await pack();
    const parts = packedParts(readFileSync(join(OUTPUT, filename)));
    const sizes = { ...parts, unpacked: unpackedSize, installed: unpackedSize + (await installedSize()) };
    return {
      found: Object.entries(sizes)
        .map(([name, bytes]) => `${name} ${(bytes / 1e6).toFixed(2)} MB`)
        .join(", "),
      problems: sizeProblems(sizes),
    };
  },

  publint: () => tool("publint", "--strict"),

  types: () =>
    tool(
      "attw",
      join(OUTPUT, readdirSync(OUTPUT).find((file) => file.endsWith(".tgz")) ?? ""),
      "--profile",
      "esm-only",
      "--format",
      "ascii",
    ),

  async "bill of materials"() {
    const flags = [
      "--omit",
      "dev",
      "--omit",
      "peer",
      "--package-lock-only",
      "--output-reproducible",
      "--spec-version",
      "1.6",
      "--validate",
    ];
    const { problems } = await tool("cyclonedx-npm", ...flags, "--output-file", BILL);
    return { found: problems.length > 0 ? "" : `${readJson(BILL).components.length} components`, problems };
  },

  licences() {
    const { components } = readJson(BILL);
    return { found: `${components.length} components`, problems: licenceProblems(components) };
  },

  workflows() {
    const workflows = readWorkflows();
    return {
      found: `${workflows.length} files`,
      problems: workflows.flatMap(({ file, text }) => pinProblems(text).map((problem) => `${file}: ${problem}`)),
    };
  },
};

rmSync(OUTPUT, { recursive: true, force: true });
mkdirSync(OUTPUT, { recursive: true });
for (const [name, step] of Object.entries(STEPS)) {
  const { found, problems } = await Promise.resolve()
    .then(step)
    .catch((error) => ({ found: "", problems: [error.message] }));
  console.log(`${problems.length === 0 ? "ok    " : "FAILED"} ${name}${found === "" ? "" : `: ${found}`}`);
  for (const problem of problems) console.log(`         ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}
console.log(process.exitCode === 1 ? "not to be released" : "ready to be released");

async function pack() {
  const { stdout } = await run("npm", ["pack", "--json", "--ignore-scripts", "--pack-destination", OUTPUT]);
  const packed = JSON.parse(stdout);
  // npm 11 answers with an object by name, older ones with a list.
  return Array.isArray(packed) ? packed[0] : Object.values(packed)[0];
}

/** Bytes of everything that `npm install --omit=dev` puts beside the package on this platform. */
async function installedSize() {
  const flags = ["ls", "--omit=dev", "--omit=peer", "--all", "--parseable"];
  // npm's status tells of peers that are absent, which is allowed.
  const { stdout } = await run("npm", flags).catch((error) => error);
  const folders = stdout.split("\n").filter((folder) => folder !== "" && folder !== resolve("."));
  if (folders.length === 0) throw new Error("npm ls names no dependency: run npm ci first");
  return [...new Set(folders)].reduce((sum, folder) => sum + folderSize(folder), 0);
}

function folderSize(folder) {
  return readdirSync(folder, { withFileTypes: true }).reduce((sum, entry) => {
    // Nested packages are folders of their own in npm's list.
    if (entry.name === "node_modules") return sum;
    const path = join(folder, entry.name);
    return sum + (entry.isDirectory() ? folderSize(path) : lstatSync(path).size);
  }, 0);
}

async function tool(name, ...args) {
  try {
    await run(join("node_modules", ".bin", name), args);
    return { found: "", problems: [] };
  } catch (error) {
    return { found: "", problems: `${error.stdout}${error.stderr}`.trim().split("\n") };
  }
}

function run(program, args) {
  return promisify(execFile)(program, args, { maxBuffer: 2 ** 26 });
}

function readJson(path) {
  return JSON.parse(readFileSync(path, "utf8"));
}
