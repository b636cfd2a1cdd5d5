import config from "./jest.config.js";

/** Tests of the package as npm packs it, installed in an empty folder: minutes, and a package registry for its dependencies. */
const packaged = {
  ...config,
  globalSetup: "./test/package/pack.ts",
  testEnvironment: "node",
  maxWorkers: 1,
  testMatch: ["<rootDir>/test/package/**/*.package.ts"],
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/dist/"],
  testTimeout: 600_000,
};

export default packaged;
