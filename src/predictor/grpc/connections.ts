import { promises as dns } from "node:dns";
import { isIP } from "node:net";
import { type ChannelCredentials, Client, type ClientOptions, credentials } from "@grpc/grpc-js";
import { BoundedCredentials } from "./bounded-credentials.ts";
import { detectSecondMessage } from "./detect-second-message.ts";
import type { LookupAddresses, ResolvedGrpcPredictorOptions } from "./options.ts";

/** Between two look-ups that failures ask for. */
const MIN_LOOKUP_INTERVAL_MS = 1000;

/** Calls are spread over all addresses of the target. */
const ROUND_ROBIN = JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] });

/**
 * The connections to a predictor: one to each address that its host name has, calls spread round robin. The name is looked
 * up again and again, since a connection that lives never asks whether there are new pods (KServe #2820).
 */
export class GrpcConnections {
  readonly #host: string;
  readonly #port: string;
  readonly #credentials: ChannelCredentials;
  readonly #options: ClientOptions;
  readonly #lookup: LookupAddresses;
  readonly #connectTimeoutMs: number;
  readonly #timer: NodeJS.Timeout | undefined;
  #current: CountedClient | undefined;
  #looking: Promise<void> | undefined;
  #lookedUpAt = Number.NEGATIVE_INFINITY;
  #closed = false;

  constructor(options: ResolvedGrpcPredictorOptions) {
    const { host, port } = splitAddress(options.address);
    this.#host = host;
    this.#port = port;
    this.#credentials = new BoundedCredentials(createCredentials(options), options.connectTimeoutMs);
    this.#options = clientOptions(options, host);
    this.#lookup = options.lookup ?? lookupAll;
    this.#connectTimeoutMs = options.connectTimeoutMs;
    if (isIP(host) === 0) {
      this.#timer = setInterval(() => void this.refresh(), options.refreshIntervalMs);
      this.#timer.unref();
    } else {
      this.#current = this.#connect([host]);
    }
  }

  /** The client to call now; its addresses are looked up first where they are not known. @throws the look-up's error. */
  get(): CountedClient | Promise<CountedClient> {
    return this.#current ?? this.#first();
  }

  /** Looks the name up and connects to what is new; a failure changes nothing. */
  async refresh(): Promise<void> {
    if (isIP(this.#host) !== 0 || this.#closed) return;
    if (performance.now() - this.#lookedUpAt < MIN_LOOKUP_INTERVAL_MS) return;
    await this.#resolve().catch(() => undefined);
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#timer);
    this.#current?.retire();
  }

  async #first(): Promise<CountedClient> {
    await this.#resolve();
    if (this.#current === undefined) throw new Error("the predictor client is closed");
    return this.#current;
  }

  /** Callers at the same time share one look-up. */
  #resolve(): Promise<void> {
    this.#looking ??= this.#lookUp().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  async #lookUp(): Promise<void> {
    this.#lookedUpAt = performance.now();
    const addresses = oneFamily(await this.#lookup(this.#host));
    if (this.#closed || addresses.length === 0) return;
    const old = this.#current;
    if (old?.key === addresses.join(",")) return;
    const next = this.#connect(addresses);
    // Calls stay with the old connections until there is one of the new.
    if (old !== undefined) await next.connected(this.#connectTimeoutMs);
    this.#current = next;
    old?.retire();
    if (this.#closed) next.retire();
  }

  #connect(addresses: readonly string[]): CountedClient {
    const six = isIP(addresses[0] ?? "") === 6;
    const list = addresses.map((address) => (six ? `[${address}]:${this.#port}` : `${address}:${this.#port}`));
    const target = `${six ? "ipv6" : "ipv4"}:${list.join(",")}`;
    return new CountedClient(new Client(target, this.#credentials, this.#options), addresses.join(","));
  }

  /** What must not appear in a message for a client. */
  get secrets(): readonly string[] {
    const addresses = this.#current?.key.split(",") ?? [];
    return [`${this.#host}:${this.#port}`, this.#host, ...addresses].filter((text) => text !== "");
  }
}

/** A client that closes once it is replaced and its calls have ended. */
export class CountedClient {
  readonly client: Client;
  /** Its addresses. */
  readonly key: string;
  #calls = 0;
  #retired = false;

  constructor(client: Client, key: string) {
    this.client = client;
    this.key = key;
  }

  /** Resolves once an address is connected, or the time is over. */
  connected(timeoutMs: number): Promise<void> {
    return new Promise((resolve) => this.client.waitForReady(Date.now() + timeoutMs, () => resolve()));
  }

  enter(): void {
    this.#calls++;
  }

  leave(): void {
    this.#calls--;
    this.#closeWhenIdle();
  }

  retire(): void {
    this.#retired = true;
    this.#closeWhenIdle();
  }

  #closeWhenIdle(): void {
    if (this.#retired && this.#calls === 0) this.client.close();
  }
}

function splitAddress(address: string): { host: string; port: string } {
  const colon = address.lastIndexOf(":");
  return { host: address.slice(0, colon).replace(/^\[|\]$/g, ""), port: address.slice(colon + 1) };
}

async function lookupAll(hostname: string): Promise<readonly string[]> {
  return (await dns.lookup(hostname, { all: true })).map(({ address }) => address);
}

/** Sorted, without doubles; of a name with both families, IPv4: a target is of one family. */
function oneFamily(addresses: readonly string[]): readonly string[] {
  const four = addresses.filter((address) => isIP(address) === 4);
  return [...new Set(four.length > 0 ? four : addresses)].sort();
}

function createCredentials({ secure, ca, cert, key }: ResolvedGrpcPredictorOptions): ChannelCredentials {
  if (!secure) return credentials.createInsecure();
  const pem = (text: string | undefined): Buffer | null => (text === undefined ? null : Buffer.from(text));
  return credentials.createSsl(pem(ca), pem(key), pem(cert));
}

/** Time without data after which a connection with calls is pinged; servers close those that ping more often. */
const KEEPALIVE_MS = 300_000;

function clientOptions(options: ResolvedGrpcPredictorOptions, host: string): ClientOptions {
  return {
    interceptors: [detectSecondMessage],
    "grpc.service_config": ROUND_ROBIN,
    "grpc.service_config_disable_resolution": 1,
    // The target is addresses; authority and certificate are the name's.
    "grpc.default_authority": options.address,
    ...(options.secure && isIP(host) === 0 ? { "grpc.ssl_target_name_override": host } : {}),
    "grpc.max_receive_message_length": options.limits.maxResponseBytes,
    "grpc.max_send_message_length": -1,
    "grpc.keepalive_time_ms": KEEPALIVE_MS,
    "grpc.keepalive_timeout_ms": 20_000,
    // A predictor that is back must not wait two minutes for its callers.
    "grpc.initial_reconnect_backoff_ms": 500,
    "grpc.max_reconnect_backoff_ms": 5000,
    // Proxies of the environment are for downloads, not for what stands next door.
    "grpc.enable_http_proxy": 0,
    "grpc.enable_channelz": 0,
    "grpc.use_local_subchannel_pool": 1,
  };
}
