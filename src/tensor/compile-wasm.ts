import { readFileSync } from "node:fs";

/** Node's types leave WebAssembly out, and the browser's would bring the whole DOM. */
declare const WebAssembly: {
  validate(code: Uint8Array): boolean;
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (module: object, imports: WasmImports) => { readonly exports: unknown };
};

/** The part of WebAssembly.Memory that is used. */
export interface WasmMemory {
  readonly buffer: ArrayBuffer;
  grow(pages: number): number;
}

/** A module of ours; undefined where the engine has no WebAssembly SIMD. */
export function compileWasm(file: URL): object | undefined {
  const code = readFileSync(file);
  return WebAssembly.validate(code) ? new WebAssembly.Module(code) : undefined;
}

/** The functions that a module calls, by the name of its source. */
type WasmImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What an instance of the module exports. */
export function instantiateWasm<Exports>(module: object, imports: WasmImports = {}): Exports {
  return new WebAssembly.Instance(module, imports).exports as Exports;
}
