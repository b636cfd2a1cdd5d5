import { compileWasm, instantiateWasm } from "../../tensor/compile-wasm.ts";
import { type KernelExports, SimdKernel } from "./simd-kernel.ts";

interface LoadedKernel {
  readonly module: object | undefined;
  kernel: SimdKernel | undefined;
}

let loaded: LoadedKernel | undefined;

/**
 * The kernel of this thread, compiled at the first picture; undefined where the engine has no WebAssembly SIMD. One is
 * enough, for it never waits; a thread that had a very large picture gets a new one afterwards.
 */
export function loadKernel(): SimdKernel | undefined {
  loaded ??= compileKernel();
  if (loaded.kernel?.isTooLarge) loaded.kernel = createKernel(loaded.module);
  return loaded.kernel;
}

function compileKernel(): LoadedKernel {
  const module = compileWasm(new URL("./kernel.wasm", import.meta.url));
  return { module, kernel: createKernel(module) };
}

/** `windowBytes` is for tests. */
export function createKernel(module: object | undefined, windowBytes?: number): SimdKernel | undefined {
  if (module === undefined) return undefined;
  return new SimdKernel(instantiateWasm<KernelExports>(module), windowBytes);
}
