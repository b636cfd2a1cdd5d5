/** Compiles the resampling kernel (AssemblyScript) to the WebAssembly beside its source, where that is missing or older. */
import { execFileSync } from "node:child_process";
import { renameSync, rmSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const source = "src/image/resample/kernel.as.ts";
export const KERNEL = "src/image/resample/kernel.wasm";

/** The default export is for jest's globalSetup. */
export default function buildKernel() {
  const built = statSync(`${root}${KERNEL}`, { throwIfNoEntry: false });
  if (built !== undefined && built.mtimeMs > statSync(`${root}${source}`).mtimeMs) return;
  // Under a name of its own first: two test runs may build at once.
  const temporary = `${KERNEL}.${process.pid}`;
  try {
    execFileSync(
      process.execPath,
      [
        "node_modules/assemblyscript/bin/asc.js",
        source,
        ...["--outFile", temporary, "--enable", "simd", "--runtime", "stub", "--optimizeLevel", "3", "--noAssert"],
      ],
      { cwd: root, stdio: "inherit" },
    );
    renameSync(`${root}${temporary}`, `${root}${KERNEL}`);
  } finally {
    rmSync(`${root}${temporary}`, { force: true });
  }
}
