import { connect } from "node:http2";
import { nearestName } from "../../../nearest-name.ts";
import { error, type Finding, ok, skipped, warning } from "../finding.ts";
import type { Ask, Reply } from "./ask.ts";

/** A service that answers, and the model in it that is asked for. */
export interface Spoken {
  readonly findings: readonly Finding[];
  /** Undefined where there is none to go on with. */
  readonly model: string | undefined;
  /** What /v2 says that it is. */
  readonly server: string | undefined;
}

/** What servers are called here that do not say their name. */
const TENSORFLOW_SERVING = "TensorFlow Serving";
export const TORCHSERVE = "TorchServe";

/** A request header's limit of seconds between two clocks that tokens and certificates bear. */
const CLOCK_SECONDS = 30;

/** Which protocols are spoken, whether the credentials do, whether the clock is right, and the model's name. */
export async function examineProtocol(ask: Ask, wanted: string | undefined): Promise<Spoken> {
  const asked = Date.now();
  const [v2, v1, list] = await Promise.all([ask("/v2"), ask("/v1/models"), ask("/v2/models")]);
  const first = v2 ?? v1;
  if (first === undefined) {
    const fix =
      "Look whether the port is HTTP's and not gRPC's or the metrics', and whether the scheme (http, https) is right.";
    return {
      findings: [error("service/protocol", "the port accepts connections and answers no HTTP request", fix)],
      model: undefined,
      server: undefined,
    };
  }
  const refused = judgeRefusal(first);
  if (refused !== undefined) return { findings: [refused], model: undefined, server: undefined };
  const named = textOf(v2?.json?.["name"]);
  const silent = named === undefined && v1 !== undefined ? await findSilentServer(ask, v1) : undefined;
  const server = named ?? silent;
  const isV1 = v1?.json?.["models"] !== undefined || silent !== undefined;
  const spoken = [...(isV1 ? ["V1"] : []), ...(named === undefined ? [] : ["V2"])];
  if (spoken.length === 0) {
    const message = `neither /v1/models nor /v2 is there (${first.status}): this is no model service`;
    const fix =
      "Give the address that the InferenceService's status.url has, with the path that the gateway puts before it.";
    return { findings: [error("service/protocol", message, fix)], model: undefined, server: undefined };
  }
  const listed = [...namesIn(v1?.json?.["models"]), ...namesIn(list?.json?.["models"])];
  // Triton and MLServer list their models in the repository only.
  const names = listed.length > 0 ? listed : namesIn((await ask("/v2/repository/index", { body: "{}" }))?.json);
  const version = textOf(v2?.json?.["version"]);
  const described = server === undefined ? "" : `: ${server} ${version ?? ""}`.trimEnd();
  const { model, finding } = chooseModel([...new Set(names)], wanted);
  const findings = [ok("service/protocol", `${spoken.join(", ")}${described}`), judgeClock(first, asked), finding];
  return { findings, model, server };
}

/** Servers of V1 that list no models, told by how they refuse the list. */
async function findSilentServer(ask: Ask, { json }: Reply): Promise<string | undefined> {
  if (textOf(json?.["error"])?.startsWith("Malformed request:")) return TENSORFLOW_SERVING;
  const isTorchServe = textOf(json?.["type"]) === "ResourceNotFoundException";
  return isTorchServe && (await ask("/ping"))?.json?.["status"] !== undefined ? TORCHSERVE : undefined;
}

/** Credentials, and pages of a login where a service was expected. */
function judgeRefusal({ status, headers }: Reply): Finding | undefined {
  if (status === 401 || status === 403) {
    return error(
      "service/credentials",
      `the service wants credentials that it accepts (${status})`,
      'Give them: --header "authorization: Bearer TOKEN" or --header "x-api-key: KEY"; if you did, the gateway may strip that header.',
    );
  }
  if (status >= 300 && status < 400) {
    return error(
      "service/protocol",
      `the service redirects to ${headers.location ?? "nowhere"}`,
      "Ask at that address; if it is a login page, take the model's paths out of it or send a token with --header.",
    );
  }
  return undefined;
}

function chooseModel(
  names: readonly string[],
  wanted: string | undefined,
): { model: string | undefined; finding: Finding } {
  const [only, ...others] = names;
  if (wanted !== undefined) {
    if (names.length === 0) return { model: wanted, finding: skipped("service/model", "the service names no models") };
    if (names.includes(wanted)) return { model: wanted, finding: ok("service/model", wanted) };
    const near = nearestName(wanted, names);
    const fix = `Ask for ${near ?? names.join(" or ")}, or serve with --model_name ${wanted}; KServe's controller gives the InferenceService's name.`;
    return {
      model: undefined,
      finding: error("service/model", `there is no model '${wanted}'; there is ${names.join(", ")}`, fix),
    };
  }
  if (only !== undefined && others.length === 0) return { model: only, finding: ok("service/model", only) };
  const message = names.length === 0 ? "the service names no models" : `there are several: ${names.join(", ")}`;
  return { model: undefined, finding: skipped("service/model", message, "Give one with --model_name to look at it.") };
}

/** Names, or objects that have one. */
function namesIn(models: unknown): string[] {
  if (!Array.isArray(models)) return [];
  return models.flatMap((model: unknown) => textOf(model) ?? textOf((model as { name?: unknown } | null)?.name) ?? []);
}

function judgeClock({ headers: { date } }: Reply, asked: number): Finding {
  if (date === undefined) return skipped("service/clock", "the service sends no Date header");
  const now = (asked + Date.now()) / 2;
  const seconds = Math.round((Date.parse(date) - now) / 1000);
  if (Math.abs(seconds) <= CLOCK_SECONDS) return ok("service/clock", "agrees with this machine's");
  return warning(
    "service/clock",
    `is ${Math.abs(seconds)} s ${seconds > 0 ? "ahead of" : "behind"} this machine's`,
    "Let both follow NTP (chrony, systemd-timesyncd): tokens and certificates are judged by the clock.",
  );
}

/** Whether gRPC is answered at the same address; gateways often hand on HTTP/1.1 only. */
export async function examineGrpc(url: URL, ca: readonly string[] | undefined, timeoutMs: number): Promise<Finding> {
  const status = await askLive(url, ca, timeoutMs);
  if (status === "0") return ok("service/grpc", "answers at this address");
  if (status === "16") return ok("service/grpc", "answers at this address and wants credentials");
  return skipped(
    "service/grpc",
    "no gRPC at this address",
    "If clients need it: give its own port, or let the gateway take HTTP/2 (--enable_grpc true, a port whose name begins with h2c).",
  );
}

function askLive(url: URL, ca: readonly string[] | undefined, timeoutMs: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const session = connect(url.origin, ca === undefined ? {} : { ca: [...ca] });
    const end = (status: string | undefined): void => {
      clearTimeout(timer);
      session.destroy();
      resolve(status);
    };
    const timer = setTimeout(() => end(undefined), timeoutMs);
    session.on("error", () => end(undefined));
    session.on("close", () => end(undefined));
    const stream = session.request({
      ":method": "POST",
      ":path": "/inference.GRPCInferenceService/ServerLive",
      "content-type": "application/grpc",
      te: "trailers",
    });
    stream.on("response", (headers) => {
      if (headers["grpc-status"] !== undefined) end(String(headers["grpc-status"]));
    });
    stream.on("trailers", (headers) => end(String(headers["grpc-status"])));
    stream.on("error", () => end(undefined));
    stream.on("end", () => setImmediate(() => end(undefined)));
    stream.resume();
    stream.end(Buffer.alloc(5));
  });
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
