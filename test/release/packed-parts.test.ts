import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

const script = new URL("../../scripts/release/packed-parts.mjs", import.meta.url);
const { packedParts } = (await import(script.href)) as {
  packedParts(tarball: Uint8Array): { package: number; pages: number };
};

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "parts-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What npm makes of files of so many bytes that nothing can be compressed of. */
function pack(name: string, sizes: Readonly<Record<string, number>>): Buffer {
  const root = join(folder, name);
  const files = Object.keys(sizes);
  for (const [path, size] of Object.entries(sizes)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), randomBytes(size));
  }
  writeFileSync(join(root, "package.json"), JSON.stringify({ name: "parts", version: "1.0.0", files }));
  const options = { cwd: root, encoding: "utf8", shell: process.platform === "win32" } as const;
  const file = execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--offline"], options).trim();
  return readFileSync(join(root, file));
}

const within = (bytes: number, of: number): boolean => bytes >= of && bytes < of * 1.05;

test("pages are those below dist/playground and dist/docs, and the rest is the package", () => {
  const parts = packedParts(
    pack("both", {
      "dist/src/index.js": 40_000,
      "dist/src/playground/routes.js": 10_000,
      "docs/page.md": 5_000,
      "dist/playground/assets/index.js": 90_000,
      "dist/docs/docs.js": 30_000,
    }),
  );
  expect([parts.package, within(parts.package, 55_000)]).toEqual([expect.any(Number), true]);
  expect([parts.pages, within(parts.pages, 120_000)]).toEqual([expect.any(Number), true]);
});

test.each([4, 12])("a path of %d long folders, which one field has no room for, is told apart too", (depth) => {
  const deep = Array.from({ length: depth }, (_, i) => `a-folder-with-a-rather-long-name-${i}`).join("/");
  const sizes = { [`dist/playground/${deep}/a.js`]: 50_000, [`dist/src/${deep}/b.js`]: 20_000 };
  const parts = packedParts(pack(`deep-${depth}`, sizes));
  expect([within(parts.pages, 50_000), within(parts.package, 20_000)]).toEqual([true, true]);
});

test("what is no tarball is said", () => {
  expect(() => packedParts(gzipSync(Buffer.alloc(1024, "x")))).toThrow("no tar: a header at 0 has no size");
});
