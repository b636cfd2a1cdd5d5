import config from "./jest.config.js";

/** Tests that take minutes: `npm run test:long`. */
const long = {
  ...config,
  testMatch: ["<rootDir>/test/reliability/long/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/dist/"],
  maxWorkers: 1,
  testTimeout: 900_000,
};

export default long;
