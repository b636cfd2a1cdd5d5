import type { ModelMetadata } from "../../inference/model-metadata.ts";
import { CachedLookup } from "../cached-lookup.ts";
import { KeyedLookup, SILENCE_MS } from "../keyed-lookup.ts";
import type { HttpClientResponse } from "./http-client.ts";
import { parseExtensions, parseModelMetadata } from "./parse-metadata.ts";
import type { HttpPaths, HttpProtocol } from "./paths.ts";
import { assertSuccessful } from "./read-response.ts";

/** A GET to the predictor. */
export type Get = (path: string, signal?: AbortSignal) => Promise<HttpClientResponse>;

/** What a predictor says of itself: readiness always fresh, metadata and abilities kept. */
export class HttpProbes {
  readonly #protocol: HttpProtocol;
  readonly #paths: HttpPaths;
  readonly #address: string;
  readonly #get: Get;
  readonly #binary: CachedLookup<boolean>;
  readonly #metadata: KeyedLookup<ModelMetadata>;

  constructor(protocol: HttpProtocol, paths: HttpPaths, address: string, get: Get) {
    this.#protocol = protocol;
    this.#paths = paths;
    this.#address = address;
    this.#get = get;
    this.#binary = new CachedLookup(
      async () => parseExtensions(await this.#read(paths.server())).includes("binary_tensor_data"),
      (reads) => (reads ? Number.POSITIVE_INFINITY : SILENCE_MS),
    );
    this.#metadata = new KeyedLookup(async (modelName) =>
      parseModelMetadata(await this.#read(paths.metadata(modelName))),
    );
  }

  /** True when the model answers 200 and does not say otherwise; every other response, or none, is false. */
  async ready(modelName: string, signal: AbortSignal | undefined): Promise<boolean> {
    try {
      const { status, body } = await this.#get(this.#paths.ready(modelName), signal);
      return status === 200 && saysReady(parse(body));
    } catch {
      return false;
    }
  }

  /** @throws InferenceError when the predictor cannot be asked. */
  metadata(modelName: string): Promise<ModelMetadata | undefined> {
    return this.#protocol === "v1" ? Promise.resolve(undefined) : this.#metadata.get(modelName);
  }

  /** What `readsBinary` and `metadata` found earlier, undefined where that is not known; nothing is asked. */
  get knownBinary(): boolean | undefined {
    return this.#binary.current;
  }

  knownMetadata(modelName: string): ModelMetadata | undefined {
    return this.#metadata.current(modelName);
  }

  /** Whether the predictor's metadata lists `binary_tensor_data`; false when it cannot be asked now. */
  async readsBinary(): Promise<boolean> {
    try {
      return await this.#binary.get();
    } catch {
      return false;
    }
  }

  /** The JSON of a response; undefined when the predictor has no such page. */
  async #read(path: string): Promise<unknown> {
    const response = await this.#get(path);
    if (NO_SUCH_PAGE.has(response.status)) return undefined;
    assertSuccessful(this.#address, response);
    return parse(response.body);
  }
}

const NO_SUCH_PAGE: ReadonlySet<number> = new Set([400, 404, 405, 501]);

function parse(body: readonly Uint8Array[]): unknown {
  try {
    return JSON.parse(Buffer.concat(body).toString("utf8"));
  } catch {
    return undefined;
  }
}

/** Bodies are empty (Triton, MLServer), `{"ready": …}` (KServe) or TensorFlow Serving's list of versions. */
function saysReady(body: unknown): boolean {
  if (typeof body !== "object" || body === null) return true;
  const { ready, model_version_status: versions } = body as Record<string, unknown>;
  if (Array.isArray(versions)) return versions.some((version) => version?.state === "AVAILABLE");
  return ready === undefined || String(ready).toLowerCase() === "true";
}
