import { dataOfEvent, EventStreamReader, encodeEventText, replaceEventData } from "../../envelope/event-stream.ts";
import { InferenceError } from "../../errors.ts";
import { parseJsonInTurns } from "../../json/parse-json-in-turns.ts";
import { untilAborted } from "../../policy/deadline.ts";
import { isJsonObject, type JsonObject } from "../../tensor/json-value.ts";
import { Turns } from "../../turns.ts";

/** One event's JSON → its text, undefined for none. */
type ChunkHook = (chunk: JsonObject) => Promise<string | undefined>;

export interface TransformChunksOptions {
  readonly hook: ChunkHook;
  readonly maxDepth: number;
  /** Bytes of one event. */
  readonly maxEventBytes: number;
  readonly requestId: string;
  /** Of the event that tells of an error. */
  readonly form: "openai" | "generate";
  /** Ends the stream, also while a hook or the predictor is waited for. */
  readonly signal: AbortSignal;
  /** Told of what fails after the first byte, when no status can tell the client. */
  readonly fail: (error: InferenceError) => void;
}

/**
 * A stream of server-sent events with each event's JSON through a hook; `[DONE]`, comments and other events pass. What fails
 * after the first byte ends the stream with an event that carries the error, as OpenAI's and Triton's servers do, without `[DONE]`.
 */
export async function* transformChunks(
  body: AsyncIterable<Uint8Array>,
  options: TransformChunksOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const event of readEvents(body, options.maxEventBytes)) {
      const changed = await transformEvent(event, options);
      if (changed !== undefined) yield encodeEventText(changed);
    }
  } catch (thrown) {
    const error = InferenceError.from(thrown);
    if (error.code === "cancelled") throw error;
    options.fail(error);
    yield encodeEventText(`data: ${JSON.stringify(errorEvent(error, options))}`);
  }
}

/** As the error of a whole response: OpenAI's clients read an object, those of V2's generate a text. */
function errorEvent(
  { code, message, status }: InferenceError,
  { form, requestId }: TransformChunksOptions,
): JsonObject {
  if (form === "generate") return { error: message, code, request_id: requestId };
  return { error: { message, type: code, param: null, code: status, request_id: requestId } };
}

async function* readEvents(body: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<string, void, undefined> {
  const reader = new EventStreamReader(maxBytes);
  for await (const bytes of body) yield* blamingPredictor(() => reader.push(bytes));
  yield* blamingPredictor(() => reader.end());
}

async function transformEvent(
  event: string,
  { hook, maxDepth, signal }: TransformChunksOptions,
): Promise<string | undefined> {
  const data = blamingPredictor(() => dataOfEvent(event));
  if (data === undefined || data.trim() === "[DONE]") return event;
  const chunk = await parseJsonInTurns(Buffer.from(data), { maxDepth }, new Turns(signal)).catch(blamePredictor);
  if (!isJsonObject(chunk)) return event;
  const text = await untilAborted(hook(chunk), signal);
  return text === undefined ? undefined : replaceEventData(event, text);
}

/** An event that cannot be read is the predictor's fault, not the client's. @throws InferenceError bad_gateway. */
function blamingPredictor<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    return blamePredictor(error);
  }
}

function blamePredictor(error: unknown): never {
  const detail = error instanceof Error ? error.message : String(error);
  throw new InferenceError(`predictor's event: ${detail}`, { code: "bad_gateway", cause: error });
}
