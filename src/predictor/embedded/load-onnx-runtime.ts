import { InferenceError } from "../../errors.ts";

/** The part of onnxruntime-node's module that is used here. */
export type OnnxRuntime = typeof import("onnxruntime-node");

/**
 * The optional peer onnxruntime-node, loaded when first used. Its install script would fetch GPU libraries, hence the switch
 * in the command.
 * @throws InferenceError internal that names the command which installs it.
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  try {
    return await import("onnxruntime-node");
  } catch (error) {
    throw new InferenceError(
      "an embedded ONNX model needs onnxruntime-node: ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node",
      { code: "internal", cause: error },
    );
  }
}
