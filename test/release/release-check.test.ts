import { readFileSync } from "node:fs";

const root = new URL("../../", import.meta.url);
const load = async (name: string): Promise<unknown> => import(new URL(`scripts/release/${name}.mjs`, root).href);

interface Changelog {
  releaseNotes(changelog: string, version: string): string | undefined;
  versionProblems(release: { version: string; lockVersion: string; changelog: string; tag?: string }): string[];
}
const { releaseNotes, versionProblems } = (await load("changelog")) as Changelog;
const { licenceProblems } = (await load("licences")) as { licenceProblems(components: readonly object[]): string[] };
const { packageProblems, sizeProblems } = (await load("package-files")) as {
  packageProblems(files: readonly { path: string; mode: number }[], manifest: object): string[];
  sizeProblems(sizes: Record<string, number>): string[];
};
const { packageFolders } = (await load("optional-packages")) as {
  packageFolders(lock: object, names: readonly string[]): string[];
};
const { pinProblems, readWorkflows } = (await load("workflow-pins")) as {
  pinProblems(text: string): string[];
  readWorkflows(): readonly { file: string; text: string }[];
};

const CHANGELOG = `# Changelog

## [Unreleased]

## [1.2.0] - 2026-11-30

### Added

- Much.

## [1.1.0]

- Little.

[1.2.0]: https://example.com/1.2.0
`;

describe("version and changelog", () => {
  const release = { version: "1.2.0", lockVersion: "1.2.0", changelog: CHANGELOG };

  test("the notes of a version are what stands below its heading", () => {
    expect(releaseNotes(CHANGELOG, "1.2.0")).toBe("### Added\n\n- Much.");
    expect(releaseNotes(CHANGELOG, "1.1.0")).toBe("- Little.");
    expect(releaseNotes(CHANGELOG, "Unreleased")).toBe("");
    expect(releaseNotes(CHANGELOG, "1.2")).toBeUndefined();
  });

  test("a tag that fits is fine, and so is a checkout between releases", () => {
    expect(versionProblems({ ...release, tag: "v1.2.0" })).toEqual([]);
    expect(versionProblems(release)).toEqual([]);
  });

  test.each([
    ["another tag", { tag: "v1.3.0" }, "the tag is v1.3.0, package.json has version 1.2.0"],
    ["no date", { version: "1.1.0", lockVersion: "1.1.0", tag: "v1.1.0" }, "has no date"],
    ["no notes", { version: "2.0.0", lockVersion: "2.0.0", tag: "v2.0.0" }, "nothing below [2.0.0]"],
    ["no notes and no tag", { version: "2.0.0", lockVersion: "2.0.0" }, "nothing below [Unreleased]"],
    ["a lock of another version", { lockVersion: "1.1.0" }, "package-lock.json has version 1.1.0"],
    ["a version that is none", { version: "1.2", lockVersion: "1.2" }, "1.2 is no semantic version"],
  ])("%s is named", (_name, change, sentence) => {
    expect(versionProblems({ ...release, ...change }).join("\n")).toContain(sentence);
  });
});

describe("the package", () => {
  const manifest = { exports: { ".": "./dist/index.js" }, bin: { tool: "dist/main.js" } };
  const files = [
    ...["package.json", "README.md", "LICENSE", "NOTICE", "CHANGELOG.md", "dist/index.js", "dist/index.d.ts"].map(
      (path) => ({ path, mode: 0o644 }),
    ),
    { path: "dist/main.js", mode: 0o755 },
    { path: "templates/image/transformer.test.ts", mode: 0o644 },
  ];

  test("is fine with every entry, its types and a command that runs", () => {
    expect(packageProblems(files, manifest)).toEqual([]);
  });

  test("names what is missing, what is too much and what cannot be run", () => {
    const wrong = [
      ...files.filter(({ path }) => path !== "NOTICE" && path !== "dist/index.d.ts" && path !== "dist/main.js"),
      { path: "dist/main.js", mode: 0o644 },
      { path: "test/a.test.ts", mode: 0o644 },
      { path: "server.key", mode: 0o600 },
    ];
    expect(packageProblems(wrong, manifest)).toEqual([
      "NOTICE is missing",
      'exports["."]: dist/index.d.ts is missing',
      "bin.tool: dist/main.js is not executable",
      "test/a.test.ts does not belong into the package",
      "server.key does not belong into the package",
    ]);
  });

  test("may not weigh more than its budget", () => {
    expect(sizeProblems({ package: 1_000_000, pages: 1, unpacked: 1, installed: 1 })).toEqual([]);
    expect(sizeProblems({ package: 1_000_001, pages: 1e9 })).toEqual([
      "package: 1000001 bytes, the budget is 1000000",
      expect.stringContaining("pages: 1000000000 bytes"),
    ]);
    expect(sizeProblems({ whole: 1 })).toEqual(["whole: there is no budget of this name"]);
  });
});

test("a licence is allowed by name, in every part of an AND, for the package that may have it", () => {
  const of = (name: string, licence: object | undefined) =>
    licenceProblems([{ name, version: "1", licenses: licence === undefined ? [] : [licence] }]);
  expect(of("a", { license: { id: "MIT" } })).toEqual([]);
  expect(of("a", { expression: "GPL-3.0-only OR MIT" })).toEqual([]);
  expect(of("a", { expression: "MIT AND GPL-3.0-only" })).toEqual(["a@1: MIT AND GPL-3.0-only"]);
  expect(of("a", { license: { id: "LGPL-3.0-or-later" } })).toEqual(["a@1: LGPL-3.0-or-later"]);
  expect(of("@img/sharp-libvips-linux-x64", { license: { id: "LGPL-3.0-or-later" } })).toEqual([]);
  expect(of("a", undefined)).toEqual(["a@1: no licence"]);
});

test("an optional package is copied with all that it needs, from where Node would find it", () => {
  const packages = {
    "": {},
    "node_modules/a": { dependencies: { b: "1", c: "1" } },
    "node_modules/a/node_modules/b": { dependencies: { c: "1", d: "1" } },
    "node_modules/b": { dependencies: { unrelated: "1" } },
    "node_modules/c": { optionalDependencies: { "not-for-this-platform": "1", a: "1" } },
    "node_modules/a/node_modules/d": {},
    "node_modules/unrelated": {},
  };
  expect(packageFolders({ packages }, ["a"])).toEqual([
    "node_modules/a",
    "node_modules/a/node_modules/b",
    "node_modules/a/node_modules/d",
    "node_modules/c",
  ]);
});

describe("workflows", () => {
  const commit = "a".repeat(40);

  test("an action is pinned by a commit with its version beside it", () => {
    expect(pinProblems(`      - uses: actions/x@${commit} # v1.2.3\n      - uses: ./local\n`)).toEqual([]);
    expect(pinProblems("      - uses: actions/x@v1\n")).toEqual(["actions/x@v1 is not pinned by a commit"]);
    expect(pinProblems(`        uses: actions/x@${commit}\n`)).toEqual([
      expect.stringContaining("has no version beside it"),
    ]);
  });

  test("the project's own are, and run scripts that exist", () => {
    const { scripts } = JSON.parse(readFileSync(new URL("package.json", root), "utf8")) as { scripts: object };
    const workflows = readWorkflows();
    expect(workflows.map(({ file }) => file.split("/").at(-1)).sort()).toEqual([
      "ci.yml",
      "docs.yml",
      "nightly.yml",
      "release.yml",
    ]);
    for (const { text } of workflows) {
      expect(text.match(/uses:/g)?.length).toBeGreaterThan(1);
      expect(pinProblems(text)).toEqual([]);
      const named = [...text.matchAll(/npm run ([a-z:-]+)/g)].map(([, name = ""]) => name);
      expect(named.filter((name) => !(name in scripts))).toEqual([]);
      // The token of a job can read, unless the job says what it writes.
      expect(text).toMatch(/^permissions:\n {2}contents: read$/m);
    }
  });
});

test("docs/releasing.md names the steps of release:check, in their order", () => {
  const page = readFileSync(new URL("docs/releasing.md", root), "utf8");
  const source = readFileSync(new URL("scripts/release/check.mjs", root), "utf8");
  const table = /<!-- release-check -->([\s\S]*)<!-- \/release-check -->/.exec(page)?.[1] ?? "";
  const named = [...table.matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
  const steps = source.slice(source.indexOf("const STEPS = {"), source.indexOf("\n};"));
  const written = [...steps.matchAll(/^ {2}(?:async )?(?:"([^"]+)"|(\w+))(?:\(|:)/gm)].map(([, a, b]) => a ?? b);
  expect(named).toEqual(written);
});
