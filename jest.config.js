/** One project for the source, the shipped transformers and the examples; real servers are in jest.servers.config.js. */
const config = {
  globalSetup: "./scripts/build-kernels.mjs",
  testEnvironment: "./src/testing/jest-environment.ts",
  extensionsToTreatAsEsm: [".ts"],
  transform: {
    "\\.ts$": ["@swc/jest", { jsc: { parser: { syntax: "typescript" }, target: "es2023" }, module: { type: "es6" } }],
  },
  moduleNameMapper: {
    "^kserve-transformer$": "<rootDir>/src/index.ts",
    "^kserve-transformer/testing/jest-environment$": "<rootDir>/src/testing/jest-environment.ts",
    "^kserve-transformer/([a-z0-9]+)$": "<rootDir>/src/$1/index.ts",
  },
  testMatch: ["<rootDir>/{test,transformers,examples}/**/*.test.ts"],
  testPathIgnorePatterns: [
    "/node_modules/",
    "<rootDir>/dist/",
    "<rootDir>/test/servers/",
    "<rootDir>/test/reliability/long/",
  ],
  modulePathIgnorePatterns: ["<rootDir>/dist/", "<rootDir>/.cache/"],
  // Beside other work on a machine, what takes two seconds alone has taken twenty.
  testTimeout: 60_000,
};

export default config;
