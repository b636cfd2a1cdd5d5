import { readFileSync } from "node:fs";
import { type KernelExports, SimdKernel } from "./simd-kernel.ts";

/** Node's types leave WebAssembly out, and the browser's would bring the whole DOM. */
declare const WebAssembly: {
  validate(code: Uint8Array): boolean;
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
};

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
  const code = readFileSync(new URL("./kernel.wasm", import.meta.url));
  const module = WebAssembly.validate(code) ? new WebAssembly.Module(code) : undefined;
  return { module, kernel: createKernel(module) };
}

/** `windowBytes` is for tests. */
export function createKernel(module: object | undefined, windowBytes?: number): SimdKernel | undefined {
  if (module === undefined) return undefined;
  return new SimdKernel(new WebAssembly.Instance(module).exports as KernelExports, windowBytes);
}
