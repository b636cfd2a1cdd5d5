import { createHash, timingSafeEqual } from "node:crypto";
import { InferenceError } from "../../errors.ts";

/** Who may ask, for services without a mesh in front; off unless one of both is given. */
export interface AuthenticationOptions {
  /** Accepted in `x-api-key`, or as a bearer token. */
  readonly apiKeys?: readonly string[] | undefined;
  /** Bearer tokens of an identity provider. */
  readonly jwt?: JwtOptions | undefined;
  /** Health and readiness answer without credentials. @default true */
  readonly exemptHealth?: boolean | undefined;
  /** `/metrics` answers without credentials. @default false */
  readonly exemptMetrics?: boolean | undefined;
}

export interface JwtOptions {
  /** Where the provider publishes its keys (RFC 7517). */
  readonly jwksUrl: string;
  /** Expected `iss`. */
  readonly issuer?: string | undefined;
  /** Expected `aud`. */
  readonly audience?: string | undefined;
  /** Tokens without `exp`, which are good for ever, are refused. @default true */
  readonly requireExpiration?: boolean | undefined;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** Checks the credentials of requests. */
export interface Authenticator {
  readonly exemptHealth: boolean;
  readonly exemptMetrics: boolean;
  /** @throws InferenceError unauthenticated, which does not say what was wrong beyond what a client may know. */
  authenticate(headers: Headers): Promise<void>;
}

/** Undefined when nothing is asked for. */
export function createAuthenticator(options: AuthenticationOptions | undefined): Authenticator | undefined {
  const { apiKeys = [], jwt, exemptHealth = true, exemptMetrics = false } = options ?? {};
  if (apiKeys.length === 0 && jwt === undefined) return undefined;
  const keys = apiKeys.map(digest);
  const verify = jwt === undefined ? undefined : createVerifier(jwt);
  return {
    exemptHealth,
    exemptMetrics,
    authenticate: async (headers) => {
      const token = bearerOf(headers);
      const key = headers["x-api-key"];
      if (typeof key === "string" && isKnown(key, keys)) return;
      if (token !== undefined && isKnown(token, keys)) return;
      if (token !== undefined && verify !== undefined && (await verify(token))) return;
      const given = token !== undefined || key !== undefined;
      throw new InferenceError(given ? "the credentials are not accepted" : "credentials are required", {
        code: "unauthenticated",
        headers: { "www-authenticate": jwt === undefined ? "ApiKey" : "Bearer" },
      });
    },
  };
}

function bearerOf(headers: Headers): string | undefined {
  const { authorization } = headers;
  return typeof authorization === "string" ? /^bearer +(\S+)$/i.exec(authorization)?.[1] : undefined;
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** Compares digests in constant time, and every key, so that the time tells nothing. */
function isKnown(key: string, known: readonly Buffer[]): boolean {
  const given = digest(key);
  let found = false;
  for (const each of known) if (timingSafeEqual(given, each)) found = true;
  return found;
}

/** True for a token that is signed by one of the provider's keys, in time, and meant for us. */
function createVerifier({
  jwksUrl,
  issuer,
  audience,
  requireExpiration = true,
}: JwtOptions): (token: string) => Promise<boolean> {
  const loading = import("jose").then((jose) => ({ jose, keys: jose.createRemoteJWKSet(new URL(jwksUrl)) }));
  const claims = {
    ...(issuer === undefined ? {} : { issuer }),
    ...(audience === undefined ? {} : { audience }),
    ...(requireExpiration ? { requiredClaims: ["exp"] } : {}),
  };
  return async (token) => {
    const { jose, keys } = await loading;
    try {
      await jose.jwtVerify(token, keys, claims);
      return true;
    } catch (error) {
      if (error instanceof jose.errors.JOSEError && !PROVIDER_FAULTS.has(error.code)) return false;
      throw new InferenceError("credentials cannot be checked now", { code: "unavailable", cause: error });
    }
  };
}

/** jose's codes for a provider that answered no keys: another status than 200 or no JSON, JSON that is no key set, or not in time. */
const PROVIDER_FAULTS: ReadonlySet<string> = new Set(["ERR_JOSE_GENERIC", "ERR_JWKS_INVALID", "ERR_JWKS_TIMEOUT"]);
