import config from "./jest.config.js";

/** The page in a real browser; needs a Chromium, and `npm run build` before it. */
export default { ...config, testMatch: ["<rootDir>/test/page/**/*.browser.ts"], testTimeout: 60_000 };
