import { isDerived } from "../../convert/derived-values.ts";
import { InferenceError } from "../../errors.ts";
import { prepareContent, type WireMessage } from "../../inference/content.ts";
import type { InferRequest } from "../../inference/infer-request.ts";
import type { InferResponse } from "../../inference/infer-response.ts";
import type { AskOptions, InferOptions } from "../../inference/inference-client.ts";
import type { ModelMetadata } from "../../inference/model-metadata.ts";
import { untilAborted } from "../../policy/deadline.ts";
import type { Codec, EncodeRequestOptions } from "../../protocol/codec.ts";
import { selectCodec } from "../../protocol/select-codec.ts";
import { resume } from "../../resumable.ts";
import { Turns } from "../../turns.ts";
import { toPredictorName } from "../model-names.ts";
import type { Forwarder, Predictor } from "../predictor.ts";
import type { PredictorAddress } from "../predictor-address.ts";
import { predictorError } from "../predictor-failure.ts";
import { HttpForwarder, messageHeaders } from "./forwarder.ts";
import type { HttpClient, HttpClientResponse } from "./http-client.ts";
import {
  type HttpPredictorOptions,
  type ResolvedHttpPredictorOptions,
  resolveHttpPredictorOptions,
} from "./options.ts";
import { HttpPaths } from "./paths.ts";
import { HttpProbes } from "./probes.ts";
import { assertSuccessful, decompressResponse } from "./read-response.ts";
import { HttpTransport } from "./transport.ts";
import { UndiciClient } from "./undici-client.ts";

/**
 * A predictor behind HTTP that speaks V1, or V2 with JSON or binary tensors.
 * @throws InferenceError invalid_argument for an option that cannot be.
 */
export function createHttpPredictor(options: HttpPredictorOptions): Predictor {
  return new HttpPredictor(resolveHttpPredictorOptions(options));
}

class HttpPredictor implements Predictor {
  readonly description: string;
  readonly modelName?: string;
  readonly forwarder?: Forwarder;
  readonly proxy?: NonNullable<Predictor["proxy"]>;
  readonly #options: ResolvedHttpPredictorOptions;
  readonly #codec: Codec;
  readonly #client: HttpClient;
  readonly #paths: HttpPaths;
  readonly #probes: HttpProbes;
  readonly #address: string;
  #isClosed = false;

  constructor(options: ResolvedHttpPredictorOptions) {
    const { address, protocol, names, httpClient } = options;
    this.#options = options;
    if (names.predictorModelName !== undefined) this.modelName = names.predictorModelName;
    this.#codec = selectCodec(protocol);
    this.#address = address?.address ?? httpClient?.baseUrl ?? "";
    this.#paths = new HttpPaths(protocol, address?.basePath ?? "", names);
    this.#probes = new HttpProbes(protocol, this.#paths, this.#address, (path, signal) => this.#get(path, signal));
    this.description = `${protocol} ${address === undefined ? this.#address : address.origin + address.basePath}`;
    if (httpClient !== undefined || address === undefined) {
      this.#client = httpClient as HttpClient;
      return;
    }
    const transport = createTransport(address, options);
    this.#client = new UndiciClient(transport);
    this.proxy = ({ method, path, headers, body }, handler) =>
      transport.send(
        { method, path: address.basePath + path, headers: { ...headers }, body, timeoutMs: options.requestTimeoutMs },
        handler,
      );
    this.forwarder = new HttpForwarder({
      transport,
      paths: this.#paths,
      protocol,
      requestTimeoutMs: options.requestTimeoutMs,
      readsBinary: () => options.binary === "on" || (options.binary === "auto" && this.#probes.knownBinary === true),
      renamesModel: names.predictorModelName !== undefined && names.predictorModelName !== names.modelName,
    });
  }

  async infer(request: InferRequest, options: InferOptions = {}): Promise<InferResponse> {
    const { protocol, v1Form, limits, requestTimeoutMs, names } = this.#options;
    const { verb = "predict", signal } = options;
    if (verb === "explain" && protocol === "v2") {
      throw new InferenceError("the predictor speaks V2, which has no explain", { code: "unimplemented" });
    }
    const reading = request.source?.wire === protocol ? undefined : prepareContent(request, signal, "columns");
    if (reading !== undefined) await reading;
    // V1 needs nothing from the predictor, V2 what it said once: a turn of the event loop costs a small request 2 % of its CPU.
    const encoding =
      protocol === "v1"
        ? { v1Form }
        : (this.#knownEncoding(request, options) ?? (await untilAborted(this.#encoding(request, options), signal)));
    const encoded = resume(new Turns(signal), () => this.#codec.encodeRequest(request, encoding));
    const message = encoded instanceof Promise ? await encoded : encoded;
    const path = this.#paths.infer(request.modelName, request.modelVersion, verb);
    const headers = messageHeaders(message, options.headers);
    // A body in pieces is made where somebody reads it.
    options.observe?.({ direction: "request", protocol, path, headers, body: message.body });
    const response = await this.#send("POST", path, headers, message, requestTimeoutMs, signal);
    options.observe?.({ direction: "response", protocol, path, headers: response.headers, body: response.body });
    const decompressed = decompressResponse(this.#address, response, limits.maxResponseBytes, signal);
    const plain = decompressed === response ? response : await decompressed;
    assertSuccessful(this.#address, plain, verb === "predict" ? toPredictorName(request.modelName, names) : undefined);
    return this.#codec.decodeResponse(plain, { modelName: request.modelName, limits });
  }

  ready({ signal, modelName = this.#options.modelName }: AskOptions = {}): Promise<boolean> {
    return this.#probes.ready(modelName, signal);
  }

  metadata({ signal, modelName = this.#options.modelName }: AskOptions = {}): Promise<ModelMetadata | undefined> {
    return untilAborted(this.#probes.metadata(modelName), signal);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#client.close?.();
  }

  /** What V2's codec must know; the predictor is asked for it only where the response makes a difference. */
  async #encoding(request: InferRequest, options: InferOptions): Promise<EncodeRequestOptions> {
    const { binary } = this.#options;
    return {
      binary: binary === "on" || (binary === "auto" && (await this.#probes.readsBinary())),
      metadata: hasDerivedColumns(request) ? await this.#probes.metadata(request.modelName) : undefined,
      forwardRequestedOutputs: options.forwardRequestedOutputs,
    };
  }

  /** The same where the predictor has said all of it before; else undefined. */
  #knownEncoding(request: InferRequest, options: InferOptions): EncodeRequestOptions | undefined {
    const { binary } = this.#options;
    const readsBinary = binary === "auto" ? this.#probes.knownBinary : binary === "on";
    const needsMetadata = hasDerivedColumns(request);
    const metadata = needsMetadata ? this.#probes.knownMetadata(request.modelName) : undefined;
    if (readsBinary === undefined || (needsMetadata && metadata === undefined)) return undefined;
    return { binary: readsBinary, metadata, forwardRequestedOutputs: options.forwardRequestedOutputs };
  }

  #get(path: string, signal: AbortSignal | undefined): Promise<HttpClientResponse> {
    const timeoutMs = Math.min(this.#options.healthTimeoutMs, this.#options.requestTimeoutMs);
    return this.#send("GET", path, {}, NO_BODY, timeoutMs, signal);
  }

  /** Fields written out one by one: a small request feels each copy of an object. */
  #send(
    method: "GET" | "POST",
    path: string,
    headers: Record<string, string>,
    message: Pick<WireMessage, "body" | "pieces">,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<HttpClientResponse> {
    if (this.#isClosed) throw predictorError("closed", `predictor ${this.#address}: closed`);
    const { address, limits } = this.#options;
    const { maxResponseBytes } = limits;
    const { pieces } = message;
    if (pieces !== undefined) {
      return this.#client.request({
        method,
        origin: address?.origin,
        path,
        headers,
        get body() {
          return pieces.whole();
        },
        pieces,
        timeoutMs,
        maxResponseBytes,
        signal,
      });
    }
    return this.#client.request({
      method,
      origin: address?.origin,
      path,
      headers,
      body: message.body,
      timeoutMs,
      maxResponseBytes,
      signal,
    });
  }
}

const NO_BODY = { body: [] } as const;

/** True where the columns' datatypes are guessed, so that the predictor's metadata make a difference. */
function hasDerivedColumns({ values }: InferRequest): boolean {
  return values.native === "rows" || isDerived(values);
}

/** The client of the options, else undici's. @internal */
export function createHttpClient(options: ResolvedHttpPredictorOptions): HttpClient {
  const { httpClient, address } = options;
  if (httpClient !== undefined || address === undefined) return httpClient as HttpClient;
  return new UndiciClient(createTransport(address, options));
}

function createTransport(address: PredictorAddress, options: ResolvedHttpPredictorOptions): HttpTransport {
  const { connectTimeoutMs, headersTimeoutMs, bodyTimeoutMs, connections, keepAliveTimeoutMs, retries, tls } = options;
  return new HttpTransport({
    origin: address.origin,
    address: address.address,
    connectTimeoutMs,
    headersTimeoutMs,
    bodyTimeoutMs,
    connections,
    keepAliveTimeoutMs,
    refreshIntervalMs: options.refreshIntervalMs,
    retries,
    tls,
  });
}
