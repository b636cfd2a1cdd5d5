import { readFileSync } from "node:fs";
import { invalidArgument } from "../../errors.ts";
import type { AuthenticationOptions } from "../../server/exchange/authentication.ts";
import type { ServeFlags } from "./predictor-choice.ts";

/**
 * The credentials that requests need; undefined when no flag asks for any. Keys stand in a file, since arguments are seen by
 * everybody on the machine.
 * @throws InferenceError invalid_argument that names the flag.
 */
export function readAuthentication(flags: ServeFlags): AuthenticationOptions | undefined {
  const { api_keys_file: file, jwks_url: jwksUrl } = flags;
  if (file === undefined && jwksUrl === undefined) return undefined;
  if (jwksUrl !== undefined && !URL.canParse(jwksUrl)) {
    throw invalidArgument(`--jwks_url expects a URL, got ${JSON.stringify(jwksUrl)}`);
  }
  const jwt =
    jwksUrl === undefined
      ? undefined
      : {
          jwksUrl,
          issuer: flags.jwt_issuer,
          audience: flags.jwt_audience,
          requireExpiration: flags.jwt_require_expiration,
        };
  return {
    apiKeys: file === undefined ? [] : readKeys(file),
    jwt,
    exemptHealth: flags.auth_exempt_health,
    exemptMetrics: flags.auth_exempt_metrics,
  };
}

/** One key a line; empty lines and lines that begin with # are passed over. */
function readKeys(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw invalidArgument(`--api_keys_file: ${file} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
  const keys = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
  // A file without a key would open the server to everybody.
  if (keys.length === 0) throw invalidArgument(`--api_keys_file: ${file} has no key`);
  return keys;
}
