import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const root = new URL("../../", import.meta.url);

/** In a process of its own: what one has loaded cannot be taken back. */
function afterPreparing(files: Readonly<Record<string, string>>): Record<string, unknown> {
  const folder = mkdtempSync(join(tmpdir(), "prepare-"));
  try {
    const paths = Object.entries(files).map(([name, text]) => {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    });
    const script = `
      import module from "node:module";
      const { prepareImport } = await import(${JSON.stringify(new URL("src/threads/import-module.ts", root))});
      await prepareImport(${JSON.stringify([...paths, join(folder, "gone.ts")])});
      const { cache } = module.createRequire(import.meta.url);
      const isCompilerLoaded = Object.keys(cache).some((path) => path.endsWith("babel.cjs"));
      console.log(JSON.stringify({ isCompilerLoaded, ran: globalThis.ran ?? null }));`;
    const argv = ["--import", new URL("bench/typescript.mjs", root).href, "--input-type=module", "-e", script];
    return JSON.parse(
      execFileSync(process.execPath, argv, { encoding: "utf8", env: { ...process.env, HOME: folder } }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const isStripped = Boolean((process.features as { readonly typescript?: unknown }).typescript);

test("preparing an import loads the compiler of TypeScript and runs nothing", () => {
  const prepared = afterPreparing({ "a.ts": 'import "./b.ts";\nglobalThis.ran = 1;' });
  expect(prepared).toEqual({ isCompilerLoaded: !isStripped, ran: null });
});

test("a file with a mistake or that is gone is left to its import", () => {
  expect(afterPreparing({ "a.ts": "const = ;" })).toEqual({ isCompilerLoaded: !isStripped, ran: null });
});

test("JavaScript needs no compiler", () => {
  expect(afterPreparing({ "a.mjs": "globalThis.ran = 1;" })).toEqual({ isCompilerLoaded: false, ran: null });
});
