import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, sign } from "node:crypto";

/** What the guarded server takes. */
export const API_KEY = "the-key";

/** A key of Ed25519 (RFC 8410 §7) that is no secret: its signatures are the same in every run, so that a seed stands for the same bytes. */
const KEY = createPrivateKey({
  key: Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, 7)]),
  format: "der",
  type: "pkcs8",
});

/** What the identity provider publishes. */
export const KEY_SET = { keys: [{ ...createPublicKey(KEY).export({ format: "jwk" }), kid: "k", alg: "EdDSA" }] };

function createToken(exp: number, kid = "k"): string {
  const parts = [{ alg: "EdDSA", kid }, { exp }].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  const signed = parts.join(".");
  return `${signed}.${sign(null, Buffer.from(signed), KEY).toString("base64url")}`;
}

const LATE = 4_000_000_000;

/** A token that the guarded server takes. */
export const TOKEN = createToken(LATE);

/** None, right ones and wrong ones; tokens are checked asynchronously. */
export const CREDENTIALS: readonly (readonly (readonly [string, string])[])[] = [
  [],
  [["x-api-key", API_KEY]],
  [["x-api-key", "another"]],
  [["authorization", `Bearer ${TOKEN}`]],
  [["authorization", `Bearer ${TOKEN}`]],
  [["authorization", `Bearer ${createToken(1)}`]],
  [["authorization", `Bearer ${createToken(LATE, "unknown")}`]],
  [["authorization", `Bearer ${TOKEN.slice(0, -4)}AAAA`]],
  [["authorization", "Bearer none"]],
];
