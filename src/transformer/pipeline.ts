import { assertInputs } from "../inference/checks/assert-inputs.ts";
import { prepareContent } from "../inference/content.ts";
import type { Observation, StageName } from "../inference/exchange-listener.ts";
import { InferRequest } from "../inference/infer-request.ts";
import { InferResponse } from "../inference/infer-response.ts";
import type { RequestContext } from "../inference/request-context.ts";
import { resume } from "../resumable.ts";
import { Turns } from "../turns.ts";
import { AskedViews } from "./asked-views.ts";
import type { ExchangeContext } from "./exchange-context.ts";
import { describeReturned, hookFault } from "./hook-fault.ts";
import type { Transformer } from "./transformer.ts";

/** A response, and whether it is the predictor's own to this very request, so that its bytes may go out as they came. */
export interface PipelineResult {
  readonly response: InferResponse;
  readonly direct: boolean;
}

/**
 * One request through its hooks:
 *
 *     preprocess → predict | the predictor → postprocess
 *
 * Declared inputs are checked first, whatever protocol they came in. A response from `preprocess` (request.reply) ends it
 * there. For `:explain` the hook `explain` stands in for `predict`.
 */
export async function runPipeline(
  transformer: Transformer<unknown>,
  context: ExchangeContext,
): Promise<PipelineResult> {
  const { inputs } = transformer;
  const reading = readsRequest(transformer) ? prepareContent(context.request, context.signal) : undefined;
  if (reading !== undefined) await reading;
  if (inputs !== undefined && inputs.length > 0) {
    const checking = resume(new Turns(context.signal), () => assertInputs(context.request.inputs, inputs));
    if (checking !== undefined) await checking;
  }
  observe(context, { of: "request", value: context.request });
  if (transformer.createState !== undefined) context.state = transformer.createState();
  const prepared = await preprocess(transformer, context);
  if (InferResponse.isInstance(prepared)) return { response: prepared, direct: false };
  const predicted = await predict(transformer, prepared, context);
  if (transformer.postprocess === undefined) return predicted;
  const readingResponse = prepareContent(predicted.response, context.signal);
  if (readingResponse !== undefined) await readingResponse;
  return { response: await postprocess(transformer, predicted.response, context), direct: predicted.direct };
}

function readsRequest({ inputs, preprocess: before, predict: instead, explain }: Transformer<unknown>): boolean {
  return before !== undefined || instead !== undefined || explain !== undefined || (inputs?.length ?? 0) > 0;
}

async function preprocess(
  transformer: Transformer<unknown>,
  context: ExchangeContext,
): Promise<InferRequest | InferResponse> {
  if (transformer.preprocess === undefined) return context.request;
  const views = viewsOf(transformer).preprocess;
  const prepared = await runHook(views, context.request, context, "preprocess", () =>
    transformer.preprocess?.(context.request, context as RequestContext<unknown>),
  );
  if (InferRequest.isInstance(prepared) || InferResponse.isInstance(prepared)) {
    observe(context, { of: "preprocess", value: prepared });
    return prepared;
  }
  throw hookFault(
    transformer,
    "preprocess",
    `must return an InferRequest or request.reply(…), got ${describeReturned(prepared, "request")}`,
  );
}

async function predict(
  transformer: Transformer<unknown>,
  request: InferRequest,
  context: ExchangeContext,
): Promise<PipelineResult> {
  const { verb } = context;
  const hook = verb === "explain" ? "explain" : "predict";
  if (transformer[hook] === undefined) {
    const forwardRequestedOutputs = transformer.postprocess === undefined;
    const response = await runStage(context, verb, () =>
      context.predictor.infer(request, { verb, forwardRequestedOutputs }),
    );
    observe(context, { of: verb, value: response });
    return { response, direct: true };
  }
  const response = await runHook(viewsOf(transformer)[hook], request, context, verb, () =>
    transformer[hook]?.(request, context as RequestContext<unknown>),
  );
  const made = assertResponse(response, transformer, hook);
  observe(context, { of: verb, value: made });
  return { response: made, direct: false };
}

async function postprocess(
  transformer: Transformer<unknown>,
  answer: InferResponse,
  context: ExchangeContext,
): Promise<InferResponse> {
  const response = await runHook(viewsOf(transformer).postprocess, answer, context, "postprocess", () =>
    transformer.postprocess?.(answer, context as RequestContext<unknown>),
  );
  const made = assertResponse(response, transformer, "postprocess");
  observe(context, { of: "postprocess", value: made });
  return made;
}

/** Tells the listeners when a stage starts and ends; without listeners it is the call alone. */
export async function runStage<T>(context: ExchangeContext, stage: StageName, run: () => T | Promise<T>): Promise<T> {
  const { listeners } = context;
  if (listeners === undefined) return run();
  listeners.stageStarted?.(context, stage);
  const started = performance.now();
  try {
    const result = await run();
    listeners.stageEnded?.(context, stage, performance.now() - started);
    return result;
  } catch (error) {
    listeners.stageEnded?.(context, stage, performance.now() - started, error);
    throw error;
  }
}

/** A hook's stage, with the views of its message that it may ask for; which ones it does is learned, also where it throws. */
async function runHook<T>(
  views: AskedViews,
  message: InferRequest | InferResponse,
  context: ExchangeContext,
  stage: StageName,
  hook: () => T | Promise<T>,
): Promise<T> {
  const deriving = views.prepare(message, context.signal);
  if (deriving !== undefined) await deriving;
  try {
    return await runStage(context, stage, hook);
  } finally {
    views.learn(message);
  }
}

type ViewsByHook = Readonly<Record<"preprocess" | "predict" | "explain" | "postprocess", AskedViews>>;

const asked = new WeakMap<Transformer<unknown>, ViewsByHook>();

function viewsOf(transformer: Transformer<unknown>): ViewsByHook {
  let views = asked.get(transformer);
  if (views === undefined) {
    views = {
      preprocess: new AskedViews(),
      predict: new AskedViews(),
      explain: new AskedViews(),
      postprocess: new AskedViews(),
    };
    asked.set(transformer, views);
  }
  return views;
}

function observe(context: ExchangeContext, observation: Observation): void {
  context.listeners?.observed?.(context, observation);
}

function assertResponse(
  value: unknown,
  transformer: Transformer<unknown>,
  hook: "predict" | "explain" | "postprocess",
): InferResponse {
  if (InferResponse.isInstance(value)) return value;
  throw hookFault(
    transformer,
    hook,
    `must return an InferResponse, got ${describeReturned(value, hook === "postprocess" ? "response" : "reply")}`,
  );
}
