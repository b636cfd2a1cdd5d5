/** Compiles the kernels (AssemblyScript) to the WebAssembly beside their sources, where that is missing or older. */
import { execFileSync } from "node:child_process";
import { renameSync, rmSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const sources = ["src/image/resample/kernel.as.ts", "src/tensor/number-text/kernel/text-kernel.as.ts"];
export const KERNELS = sources.map(toBuilt);

function toBuilt(source) {
  return source.replace(/\.as\.ts$/, ".wasm");
}

/** The default export is for jest's globalSetup. */
export default function buildKernels() {
  for (const source of sources) buildKernel(source);
}

function buildKernel(source) {
  const target = toBuilt(source);
  const built = statSync(`${root}${target}`, { throwIfNoEntry: false });
  if (built !== undefined && built.mtimeMs > statSync(`${root}${source}`).mtimeMs) return;
  // Under a name of its own first: two test runs may build at once.
  const temporary = `${target}.${process.pid}`;
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
    renameSync(`${root}${temporary}`, `${root}${target}`);
  } finally {
    rmSync(`${root}${temporary}`, { force: true });
  }
}
