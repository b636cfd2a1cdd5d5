import config from "./jest.servers.config.js";

/** Comparisons with Python packages of several gigabytes (TensorFlow, OpenCV, torch, tokenizers): `npm run test:parity`, by hand. */
const parity = {
  ...config,
  testMatch: [
    "<rootDir>/test/servers/parity/{resize,jpeg,pipelines,image-processors,warp,tokenizers,minilm}.test.ts",
    "<rootDir>/test/servers/ocr/*.test.ts",
  ],
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/dist/"],
  maxWorkers: 1,
  testTimeout: 3_600_000,
};

export default parity;
