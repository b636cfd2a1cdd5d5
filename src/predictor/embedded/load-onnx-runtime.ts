import { importPeer } from "../../import-peer.ts";

/** The part of onnxruntime-node's module that is used here. */
export type OnnxRuntime = typeof import("onnxruntime-node");

/**
 * The optional peer onnxruntime-node, loaded when first used. Its install script would fetch GPU libraries, hence the switch
 * in the command.
 * @throws InferenceError internal that names the command which installs it.
 */
export function loadOnnxRuntime(): Promise<OnnxRuntime> {
  return importPeer(
    "onnxruntime-node",
    "an embedded ONNX model needs onnxruntime-node: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node",
    "internal",
  );
}
