import { error, type Finding, hasErrors } from "../finding.ts";
import { createAsk } from "./ask.ts";
import { examineModel } from "./examine-model.ts";
import { examineGrpc, examineProtocol } from "./examine-protocol.ts";
import { examineReach } from "./examine-reach.ts";

export interface ServiceOptions {
  readonly url: string;
  readonly model: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly ca: readonly string[] | undefined;
  readonly input: string | undefined;
  readonly timeoutMs: number;
}

/** A running service, from its name to what stands behind it; what cannot be reached ends it. */
export async function examineService(options: ServiceOptions): Promise<Finding[]> {
  const url = parseUrl(options.url);
  if (url === undefined) {
    return [
      error(
        "service/url",
        `${options.url} is no address`,
        "Write http://HOST:PORT, or the InferenceService's status.url.",
      ),
    ];
  }
  const { ca, timeoutMs } = options;
  const reach = await examineReach({ url, ca, timeoutMs });
  if (hasErrors(reach)) return reach;
  const ask = createAsk({ url, headers: options.headers, ca, timeoutMs });
  const spoken = await examineProtocol(ask, options.model);
  const found = [...reach, ...spoken.findings];
  if (spoken.findings.every(({ check }) => check !== "service/clock")) return found;
  found.push(await examineGrpc(url, ca, timeoutMs));
  if (spoken.model === undefined) return found;
  return [...found, ...(await examineModel(ask, { model: spoken.model, server: spoken.server, input: options.input }))];
}

function parseUrl(text: string): URL | undefined {
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
    return /^https?:$/.test(url.protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}
