import { guardResponse } from "../../convert/response-faults.ts";
import { InferenceError } from "../../errors.ts";
import type { WireMessage } from "../../inference/content.ts";
import { prepareContent } from "../../inference/content.ts";
import type { InferRequest } from "../../inference/infer-request.ts";
import type { InferResponse } from "../../inference/infer-response.ts";
import type { Codec, EncodeResponseOptions } from "../../protocol/codec.ts";
import { resume } from "../../resumable.ts";
import { ExchangeContext } from "../../transformer/exchange-context.ts";
import type { Model } from "../../transformer/model.ts";
import { type PipelineResult, runPipeline, runStage } from "../../transformer/pipeline.ts";
import type { Transformer } from "../../transformer/transformer.ts";
import { Turns } from "../../turns.ts";
import type { HttpResponse } from "../http/http-message.ts";
import type { ModelServer } from "../model-server.ts";
import type { ExchangeStrategy, Incoming, RunningExchange } from "./exchange.ts";

/** Rows and tensors in one wire form: decode → pipeline → encode. */
export class TensorExchange implements ExchangeStrategy {
  readonly protocol: string;
  readonly #codec: Codec;
  readonly #decode: Codec["decodeRequest"];

  /** `decode` reads a body that has another form than the response will have. @default the codec's own */
  constructor(codec: Codec, decode: Codec["decodeRequest"] = codec.decodeRequest) {
    this.protocol = codec.wire;
    this.#codec = codec;
    this.#decode = decode;
  }

  createContext(
    { options, environment }: ModelServer,
    model: Model,
    incoming: Incoming,
    { inputs }: Transformer<unknown>,
  ): ExchangeContext {
    const request = this.#decode(incoming.message, {
      modelName: model.name,
      modelVersion: incoming.modelVersion,
      limits: options.limits,
      inputs,
      chaining: options.chaining,
    });
    return new ExchangeContext(environment, incoming, { request, protocol: this.protocol, client: model.client });
  }

  async respond({ server: { options, nonFinite }, transformer, context }: RunningExchange): Promise<HttpResponse> {
    const { request } = context;
    if (options.checkRequests || options.checkRows) await prepareContent(request, context.signal);
    if (options.checkRequests) assertReadable(request);
    const result = await runPipeline(transformer, context);
    if (options.checkRows) await prepareContent(result.response, context.signal);
    if (options.checkRows) await resume(new Turns(context.signal), () => assertRowCount(request, result.response));
    const encoding = { request, outputs: transformer.outputs, nonFinite };
    const message = await runStage(
      context,
      "encode",
      () =>
        forwardable(this.#codec, result, request, transformer.postprocess !== undefined) ??
        encodeAgain(this.#codec, result.response, encoding, context.signal),
    );
    return { status: 200, headers: message.headers, body: message.pieces ?? message.body };
  }
}

/** The response's bytes as they came, where the client may have them so. */
function forwardable(
  codec: Codec,
  { response: { source }, direct }: PipelineResult,
  request: InferRequest,
  hookedAfter: boolean,
): WireMessage | undefined {
  // A V2 response carries the request's id, so only the predictor's own response to this request may go out unread.
  const own = direct || codec.wire === "v1";
  if (source === undefined || source.wire !== codec.wire || !own) return undefined;
  const filtered = hookedAfter && codec.wire !== "v1" && request.requestedOutputs !== undefined;
  return guardResponse(() => {
    if (filtered || !codec.mayForwardResponse(source.message, request)) return undefined;
    return codec.replaceModelName(source.message, request.modelName);
  });
}

function encodeAgain(
  codec: Codec,
  response: InferResponse,
  options: EncodeResponseOptions,
  signal: AbortSignal | undefined,
): WireMessage | Promise<WireMessage> {
  const encode = () => resume(new Turns(signal), () => codec.encodeResponse(response, options));
  return prepareContent(response, signal)?.then(encode) ?? encode();
}

/** Reads everything, so that no predictor has to judge the body (`--check_requests`). */
function assertReadable({ values }: InferRequest): void {
  if (values.native === "rows") values.rows();
  else for (const tensor of values.tensors()) void tensor.data;
}

/** KServe's batcher splits a response by the rows it merged, so a miscount would hand rows to the wrong client. */
function assertRowCount(request: InferRequest, response: InferResponse): void {
  const sent = request.values.rows().length;
  const given = response.values.rows().length;
  if (sent !== given) {
    throw new InferenceError(`the response has ${given} rows for ${sent} instances`, { code: "internal" });
  }
}
