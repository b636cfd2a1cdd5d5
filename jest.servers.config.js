import config from "./jest.config.js";

/** Tests against model servers that are not ours; they need Python and, the first time, a package index. */
const servers = {
  ...config,
  testMatch: ["<rootDir>/test/servers/**/*.test.ts"],
  testPathIgnorePatterns: [
    "/node_modules/",
    "<rootDir>/dist/",
    "<rootDir>/test/servers/resize.test.ts",
    "<rootDir>/test/servers/tokenizers.test.ts",
    "<rootDir>/test/servers/minilm.test.ts",
  ],
  maxWorkers: 1,
  // The first run makes virtual environments.
  testTimeout: 900_000,
};

export default servers;
