import config from "./jest.config.js";

/** Tests against model servers that are not ours; they need Python and, the first time, a package index. */
const servers = {
  ...config,
  testMatch: ["<rootDir>/test/servers/**/*.test.ts"],
  testPathIgnorePatterns: [
    "/node_modules/",
    "<rootDir>/dist/",
    // By hand, since they take gigabytes and minutes; fixtures hold every one of their configurations in `npm test`.
    "<rootDir>/test/servers/parity/(resize|pipelines|image-processors|warp|tokenizers|minilm).test.ts",
    "<rootDir>/test/servers/ocr/",
  ],
  maxWorkers: 2,
  // The first run makes virtual environments.
  testTimeout: 900_000,
};

export default servers;
