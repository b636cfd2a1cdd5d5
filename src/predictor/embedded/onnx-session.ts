import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { InferenceSession } from "onnxruntime-node";
import { InferenceError } from "../../errors.ts";
import { peerFolders } from "../../import-peer.ts";
import { threadArguments } from "../../inference/threads.ts";
import { WorkSlots } from "../../inference/work-slots.ts";
import { cancellation } from "../../policy/deadline.ts";
import {
  type OnnxFailure,
  type OnnxResponse,
  type OnnxRun,
  type OnnxThreadData,
  type OnnxValues,
  toTransferable,
} from "./onnx-messages.ts";

type Ports = readonly InferenceSession.ValueMetadata[];

/** A loaded model in a thread of its own, which keeps the process alive only while it works. */
export class OnnxSession {
  readonly inputs: Ports;
  readonly outputs: Ports;
  readonly #worker: Worker;
  /** The runtime works on one call at a time and shares that out to its own threads. */
  readonly #slots = new WorkSlots(1);
  #isEnded = false;

  private constructor(worker: Worker, inputs: Ports, outputs: Ports) {
    this.#worker = worker;
    this.inputs = inputs;
    this.outputs = outputs;
    worker.once("exit", () => {
      this.#isEnded = true;
    });
    worker.unref();
  }

  /** @throws InferenceError unavailable for a model that cannot be loaded, internal without onnxruntime-node. */
  static async open(
    data: Omit<OnnxThreadData, "peerFolders">,
    failed: (cause: Error) => Promise<InferenceError>,
  ): Promise<OnnxSession> {
    const file = new URL(`./onnx-thread${extname(new URL(import.meta.url).pathname)}`, import.meta.url);
    const worker = new Worker(file, {
      workerData: { ...data, peerFolders: peerFolders() },
      ...threadArguments(file.href),
    });
    const response = await nextResponse(worker);
    if ("inputs" in response) return new OnnxSession(worker, response.inputs, response.outputs);
    await worker.terminate();
    const failure = "failure" in response ? response.failure : unexpected();
    throw failure.of === "runtime"
      ? new InferenceError(failure.message, { code: "internal", cause: toError(failure) })
      : await failed(toError(failure));
  }

  /**
   * One call; those before it are waited for.
   * @throws InferenceError cancelled for a call that has not begun when the signal aborts, internal for one that fails.
   */
  run(call: OnnxRun, signal: AbortSignal | undefined): Promise<OnnxValues> {
    return this.#slots.run(async () => {
      if (signal?.aborted) throw cancellation(signal);
      if (this.#isEnded) throw new InferenceError("the embedded model's thread has ended", { code: "unavailable" });
      const { values: feeds, transfer } = toTransferable(call.feeds);
      const responded = nextResponse(this.#worker);
      this.#worker.ref();
      this.#worker.postMessage({ ...call, feeds } satisfies OnnxRun, transfer);
      const response = await responded.finally(() => this.#worker.unref());
      if ("values" in response) return response.values;
      const failure = "failure" in response ? response.failure : unexpected();
      throw new InferenceError("the model failed on these inputs", { code: "internal", cause: toError(failure) });
    });
  }

  /** Ends the thread, after the call that it works on. */
  async close(): Promise<void> {
    await this.#slots.run(() => this.#worker.terminate());
  }
}

/** What the thread says next, also that it has ended. */
function nextResponse(worker: Worker): Promise<OnnxResponse> {
  return new Promise((resolve) => {
    const settle = (response: OnnxResponse): void => {
      worker.off("message", settle).off("error", onError).off("exit", onExit);
      resolve(response);
    };
    const onError = ({ message, stack }: Error): void => settle({ failure: { of: "model", message, stack } });
    const onExit = (): void => settle({ failure: { of: "model", message: "the thread has ended", stack: undefined } });
    worker.on("message", settle).on("error", onError).on("exit", onExit);
  });
}

function unexpected(): OnnxFailure {
  return { of: "model", message: "the thread answered something else", stack: undefined };
}

function toError({ message, stack }: OnnxFailure): Error {
  return Object.assign(new Error(message), stack === undefined ? {} : { stack });
}
