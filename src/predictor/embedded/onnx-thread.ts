import { parentPort, workerData } from "node:worker_threads";
import type { InferenceSession, Tensor as OnnxTensor } from "onnxruntime-node";
import { addPeerFolder } from "../../import-peer.ts";
import { loadOnnxRuntime, type OnnxRuntime } from "./load-onnx-runtime.ts";
import {
  type OnnxFailure,
  type OnnxResponse,
  type OnnxRun,
  type OnnxThreadData,
  type OnnxValue,
  type OnnxValues,
  toTransferable,
} from "./onnx-messages.ts";

/** Runs in a thread, one for each model: ONNX Runtime computes where it is called, and would hold the event loop. */
async function serveModel({ path, sessionOptions, peerFolders }: OnnxThreadData): Promise<void> {
  for (const folder of peerFolders) addPeerFolder(folder);
  let runtime: OnnxRuntime;
  try {
    runtime = await loadOnnxRuntime();
  } catch (error) {
    post({ failure: toFailure("runtime", error) });
    return;
  }
  try {
    const session = await runtime.InferenceSession.create(path, sessionOptions);
    parentPort?.on("message", (call: OnnxRun) => respond(runtime, session, call));
    post({ inputs: session.inputMetadata.map(toPlain), outputs: session.outputMetadata.map(toPlain) });
  } catch (error) {
    post({ failure: toFailure("model", error) });
  }
}

async function respond(runtime: OnnxRuntime, session: InferenceSession, { feeds, names }: OnnxRun): Promise<void> {
  try {
    const inputs = Object.entries(feeds).map(([name, value]) => [name, toTensor(runtime, value)]);
    const results = await session.run(Object.fromEntries(inputs), names);
    const { values, transfer } = toTransferable(toValues(names, results));
    post({ values }, transfer);
  } catch (error) {
    post({ failure: toFailure("model", error) });
  }
}

function toTensor(runtime: OnnxRuntime, { type, dims, data }: OnnxValue): OnnxTensor {
  // Where JavaScript has a Float16Array (Node 24), the constructor makes one and the native side then reads no bytes of it
  // (seen with 1.30). The bits as they are under the right type work on every Node.
  if (type === "float16") return Object.assign(new runtime.Tensor("uint16", data as Uint16Array, dims), { type });
  // The overloads of the constructor go by type and know no union.
  return new runtime.Tensor(type as "float32", data as Float32Array, dims);
}

function toValues(names: readonly string[], results: InferenceSession.ReturnType): OnnxValues {
  const entries = names.map((name): [string, OnnxValue] => {
    const { type, dims, data } = results[name] as OnnxTensor;
    if (type !== "float16") return [name, { type, dims, data: data as Float32Array }];
    // Where JavaScript has a Float16Array the runtime gives one; elsewhere 16-bit floats are their bits.
    const { buffer, byteOffset, length } = data as Uint16Array;
    return [name, { type, dims, data: new Uint16Array(buffer, byteOffset, length) }];
  });
  return Object.fromEntries(entries);
}

function toPlain(port: InferenceSession.ValueMetadata): InferenceSession.ValueMetadata {
  const { name } = port;
  return port.isTensor ? { name, isTensor: true, type: port.type, shape: [...port.shape] } : { name, isTensor: false };
}

function toFailure(of: OnnxFailure["of"], thrown: unknown): OnnxFailure {
  const { message, stack } = thrown instanceof Error ? thrown : new Error(String(thrown));
  return { of, message, stack };
}

function post(message: OnnxResponse, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

await serveModel(workerData as OnnxThreadData);
