import { invalidArgument } from "../../errors.ts";
import type { RequestContent } from "../../inference/content.ts";
import { TensorValues } from "../../inference/row-and-tensor-values.ts";
import { loneTensor } from "../../inference/rows-and-tensors.ts";
import { DATATYPES } from "../../tensor/datatype.ts";
import { fromRawBytes } from "../../tensor/elements/raw-elements.ts";
import { formatShape } from "../../tensor/shape.ts";
import { createTensor, type Tensor, type TensorSpec } from "../../tensor/tensor.ts";

/**
 * A raw binary request (Triton's binary_tensor_data extension): no JSON, the body is the one input's bytes. The declared
 * input says what they are, its open dimension follows from their number; else they are one element of BYTES. All outputs
 * are wanted as binary.
 * @throws InferenceError invalid_argument where more inputs are declared, and for a number of bytes that no shape takes.
 */
export function readRawRequest(bytes: Uint8Array, specs: readonly TensorSpec[] | undefined): RequestContent {
  if (specs !== undefined && specs.length > 1) {
    throw invalidArgument(
      `a body without JSON (Inference-Header-Content-Length: 0) is one input, the model takes ${specs.length}`,
    );
  }
  const values = new TensorValues([toTensor(bytes, specs)], "input");
  return { parameters: {}, members: {}, binaryDataOutput: true, values };
}

function toTensor(bytes: Uint8Array, specs: readonly TensorSpec[] | undefined): Tensor {
  const { name, spec = { datatype: "BYTES", shape: [1] } as const } = loneTensor("input", specs);
  const { datatype, shape } = spec;
  if (datatype === "BYTES") {
    return createTensor(
      name,
      datatype,
      shape.map(() => 1),
      [bytes],
    );
  }
  const open = shape.filter((size) => size < 0).length;
  const fixed = shape.reduce((product, size) => (size < 0 ? product : product * size), DATATYPES[datatype].bytes);
  const size = bytes.length / fixed;
  if (open > 1 || (open === 1 && !Number.isInteger(size))) {
    throw invalidArgument(
      `input '${name}': ${bytes.length} bytes say no shape for ${datatype} of ${formatShape(shape)}; send its shape`,
    );
  }
  return fromRawBytes(
    name,
    datatype,
    shape.map((dimension) => (dimension < 0 ? size : dimension)),
    bytes,
  );
}
