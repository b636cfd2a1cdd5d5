import { readFileSync } from "node:fs";
import { SERVER_METADATA } from "../../src/server/server-metadata.ts";

test("the server's metadata has the package's version", () => {
  const { version } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  expect(SERVER_METADATA.version).toBe(version);
});
