import { TestEnvironment } from "jest-environment-node";

/**
 * Jest's node environment with the outer realm's typed arrays and errors: native add-ons such as onnxruntime-node take no
 * others. Use it in a test file with `@jest-environment kserve-transformer/testing/jest-environment`.
 */
export default class OuterRealmEnvironment extends TestEnvironment {
  constructor(...args: ConstructorParameters<typeof TestEnvironment>) {
    super(...args);
    for (const name of SHARED) {
      Object.defineProperty(this.global, name, {
        value: Reflect.get(globalThis, name),
        writable: true,
        configurable: true,
      });
    }
  }
}

const SHARED = [
  "Error",
  "TypeError",
  "RangeError",
  "ArrayBuffer",
  "SharedArrayBuffer",
  "DataView",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int8Array",
  "Uint16Array",
  "Int16Array",
  "Uint32Array",
  "Int32Array",
  "BigUint64Array",
  "BigInt64Array",
  "Float32Array",
  "Float64Array",
] as const;
