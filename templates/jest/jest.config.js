/** TypeScript as ES modules. `npm test` starts Node with --experimental-vm-modules, which jest needs for them. */
export default {
  // Hands tests the typed arrays of Node itself: an embedded ONNX model needs them.
  testEnvironment: "kserve-transformer/testing/jest-environment",
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2023" }, module: { type: "es6" } }],
  },
};
