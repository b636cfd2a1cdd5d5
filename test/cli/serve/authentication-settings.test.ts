import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseFlags } from "../../../src/cli/flags/parse-flags.ts";
import { readAuthentication } from "../../../src/cli/serve/authentication-settings.ts";
import { SERVE_FLAGS } from "../../../src/contract/flags.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keys-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (...argv: string[]) => readAuthentication(parseFlags(SERVE_FLAGS, argv, {}).values);
const keysFile = (text: string) => {
  const file = join(folder, "keys");
  writeFileSync(file, text);
  return `--api_keys_file=${file}`;
};

describe("credentials that flags ask for", () => {
  test("none without a flag", () => {
    expect(read()).toBeUndefined();
  });

  test("keys from a file, without comments and empty lines", () => {
    expect(read(keysFile("# ours\none\n\n two \n"))).toEqual({
      apiKeys: ["one", "two"],
      jwt: undefined,
      exemptHealth: true,
      exemptMetrics: false,
    });
  });

  test("an identity provider", () => {
    const argv = ["--jwks_url=https://id.example.com/keys", "--jwt_issuer", "us", "--auth_exempt_metrics"];
    expect(read(...argv)).toEqual({
      apiKeys: [],
      jwt: { jwksUrl: "https://id.example.com/keys", issuer: "us", audience: undefined, requireExpiration: true },
      exemptHealth: true,
      exemptMetrics: true,
    });
  });

  test.each([
    [() => read("--api_keys_file=/nowhere/keys"), "--api_keys_file: /nowhere/keys cannot be read (ENOENT)"],
    [() => read(keysFile("# none\n")), "has no key"],
    [() => read("--jwks_url=keys"), '--jwks_url expects a URL, got "keys"'],
  ])("a setting that would leave the door open is refused: %#", (run, message) => {
    expect(run).toThrow(message);
  });
});
