import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import type { Ask } from "./clients.ts";
import type { Front } from "./fronts.ts";
import type { Guard } from "./guard.ts";
import { expectFine, type GuardedOptions, statusOf, withGuarded } from "./guarded-server.ts";

type Key = Awaited<ReturnType<typeof generateKeyPair>>["privateKey"];

/** Without and with wrong credentials nothing reaches the predictor; with the right ones everything is as ever. */
function holdCredentials(
  front: Front,
  authentication: GuardedOptions["authentication"],
  [wrong, right]: readonly [Ask["headers"], Ask["headers"]],
): Promise<string> {
  return withGuarded(front, { authentication }, async ({ ask, backend }) => {
    const none = await ask();
    expect(none.status).toBe(statusOf(front, "unauthenticated"));
    expect((await ask({ headers: { ...wrong } })).status).toBe(none.status);
    // Whoever has no key learns nothing of limits and bodies.
    expect((await ask({ broken: true })).status).toBe(none.status);
    expect(backend.calls).toBe(0);
    expectFine(front, await ask({ headers: { ...right } }));
    return none.status;
  });
}

export const apiKeys: Guard = {
  name: "API keys",
  setBy: "--api_keys_file",
  promise: "Without a key, with a wrong one and with a broken body nothing reaches the predictor.",
  hold: (front) => holdCredentials(front, { apiKeys: ["one"] }, [{ "x-api-key": "two" }, { "x-api-key": "one" }]),
};

export const tokens: Guard = {
  name: "tokens",
  setBy: "--jwks_url",
  promise: "The same for tokens that nobody signed.",
  hold: async (front) => {
    const ours = await generateKeyPair("RS256");
    const jwk = { ...(await exportJWK(ours.publicKey)), kid: "k", alg: "RS256" };
    const provider = createServer((_request, response) => void response.end(JSON.stringify({ keys: [jwk] })));
    await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
    const jwksUrl = `http://127.0.0.1:${(provider.address() as AddressInfo).port}/`;
    const sign = (key: Key) =>
      new SignJWT({}).setProtectedHeader({ alg: "RS256", kid: "k" }).setExpirationTime("1h").sign(key);
    const bearer = async (key: Key) => ({ authorization: `Bearer ${await sign(key)}` });
    try {
      const { privateKey } = await generateKeyPair("RS256");
      return await holdCredentials(front, { jwt: { jwksUrl } }, [
        await bearer(privateKey),
        await bearer(ours.privateKey),
      ]);
    } finally {
      provider.closeAllConnections();
      provider.close();
    }
  },
};
