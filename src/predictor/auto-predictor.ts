import type { InferRequest } from "../inference/infer-request.ts";
import type { InferResponse } from "../inference/infer-response.ts";
import type { AskOptions, InferOptions } from "../inference/inference-client.ts";
import type { ModelMetadata } from "../inference/model-metadata.ts";
import type { Logger } from "../inference/request-context.ts";
import { untilAborted } from "../policy/deadline.ts";
import { CachedLookup } from "./cached-lookup.ts";
import { type DetectedProtocol, detectProtocol } from "./http/detect-protocol.ts";
import type { HttpClient } from "./http/http-client.ts";
import { createHttpClient } from "./http/http-predictor.ts";
import { type HttpPredictorOptions, resolveHttpPredictorOptions } from "./http/options.ts";
import type { Forwarder, Predictor } from "./predictor.ts";

export interface AutoPredictorOptions extends Omit<HttpPredictorOptions, "protocol"> {
  /** Told once what the predictor speaks. */
  readonly log?: Logger | undefined;
  /** Makes the predictor for the protocol that was found. */
  readonly create: (protocol: DetectedProtocol) => Promise<Predictor>;
}

/** A predictor whose protocol is found out by the first call that needs it, once; until it answers, every call asks again. */
export function createAutoPredictor(options: AutoPredictorOptions): Predictor {
  return new AutoPredictor(options);
}

class AutoPredictor implements Predictor {
  readonly modelName?: string;
  readonly #target: string;
  readonly #found: CachedLookup<Predictor>;
  readonly #client: HttpClient;
  #isClosed = false;

  constructor(options: AutoPredictorOptions) {
    const resolved = resolveHttpPredictorOptions(options);
    const { address, names, modelName, healthTimeoutMs, limits } = resolved;
    if (names.predictorModelName !== undefined) this.modelName = names.predictorModelName;
    this.#client = createHttpClient(resolved);
    this.#target = address === undefined ? String(this.#client.baseUrl) : address.origin + address.basePath;
    const get = (path: string) =>
      this.#client.request({
        method: "GET",
        origin: address?.origin,
        path,
        headers: {},
        body: [],
        timeoutMs: healthTimeoutMs,
        maxResponseBytes: limits.maxResponseBytes,
        signal: undefined,
      });
    this.#found = new CachedLookup(
      async () => {
        const protocol = await detectProtocol(get, address?.basePath ?? "", names, modelName);
        const predictor = await options.create(protocol);
        if (this.#isClosed) await predictor.close();
        options.log?.info({ predictor: predictor.description, protocol }, `the predictor speaks ${protocol}`);
        const idle = protocol === "v1" ? "binary" : "v1Form";
        const { [idle]: form = "auto" } = options;
        if (form !== "auto") options.log?.warn({}, `${idle} '${form}' has no effect: the predictor speaks ${protocol}`);
        return predictor;
      },
      () => Number.POSITIVE_INFINITY,
    );
  }

  get description(): string {
    return this.#found.current?.description ?? `auto ${this.#target}`;
  }

  get forwarder(): Forwarder | undefined {
    return this.#found.current?.forwarder;
  }

  async infer(request: InferRequest, options: InferOptions = {}): Promise<InferResponse> {
    return (await untilAborted(this.#found.get(), options.signal)).infer(request, options);
  }

  async ready(options: AskOptions = {}): Promise<boolean> {
    try {
      return await (await untilAborted(this.#found.get(), options.signal)).ready(options);
    } catch {
      return false;
    }
  }

  async metadata(options: AskOptions = {}): Promise<ModelMetadata | undefined> {
    return (await untilAborted(this.#found.get(), options.signal)).metadata(options);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await Promise.all([this.#client.close?.(), this.#found.current?.close()]);
  }
}
