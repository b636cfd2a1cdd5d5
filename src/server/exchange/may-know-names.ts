import type { Model } from "../../transformer/model.ts";
import type { ModelServer } from "../model-server.ts";

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

/** What health routes answer goes to everybody; the names of models need the key that every list of them needs. */
export async function mayKnowNames({ authenticator }: ModelServer, headers: Headers): Promise<boolean> {
  return (
    authenticator === undefined ||
    authenticator.authenticate(headers).then(
      () => true,
      () => false,
    )
  );
}

/** A model for a probe, which may come without a key. @throws InferenceError not_found, which tells no other name to such a one. */
export async function findForProbe(server: ModelServer, name: string, headers: Headers): Promise<Model> {
  const { registry } = server;
  return registry.get(name) ?? registry.find(name, { suggests: await mayKnowNames(server, headers) });
}
