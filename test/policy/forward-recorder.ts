import type {
  Forwarder,
  ForwardHandle,
  ForwardHandler,
  ForwardRequest,
  Predictor,
} from "../../src/predictor/predictor.ts";

/** A handler that keeps what it is told. */
export interface Recorder extends ForwardHandler {
  readonly events: string[];
  readonly status: number;
  readonly headers: Record<string, string | string[]>;
  text(): string;
  /** Resolves at the end, rejects with the error. */
  readonly ended: Promise<void>;
}

export function createRecorder(onData: () => boolean = () => true): Recorder {
  const events: string[] = [];
  const chunks: Uint8Array[] = [];
  let resolve = (): void => undefined;
  let reject = (_error: unknown): void => undefined;
  const ended = new Promise<void>((resolveEnded, rejectEnded) => {
    resolve = resolveEnded;
    reject = rejectEnded;
  });
  ended.catch(() => undefined);
  const recorder = {
    events,
    ended,
    status: 0,
    headers: {},
    text: () => Buffer.concat(chunks).toString(),
    head: (status: number, headers: Record<string, string | string[]>) => {
      events.push("head");
      recorder.status = status;
      recorder.headers = headers;
    },
    data: (chunk: Uint8Array) => {
      events.push("data");
      chunks.push(chunk);
      return onData();
    },
    end: () => {
      events.push("end");
      resolve();
    },
    error: (error: unknown) => {
      events.push("error");
      reject(error);
    },
  };
  return recorder;
}

/** Sends a small V1 body unread. */
export function forwardRows(
  predictor: Predictor,
  handler: ForwardHandler,
  request: Partial<ForwardRequest> = {},
): ForwardHandle {
  return (predictor.forwarder as Forwarder).forward(
    {
      verb: "predict",
      modelName: "m",
      modelVersion: undefined,
      message: { headers: { "content-type": "application/json" }, body: [Buffer.from('{"instances":[[1,2,3]]}')] },
      headers: {},
      ...request,
    },
    handler,
  );
}
