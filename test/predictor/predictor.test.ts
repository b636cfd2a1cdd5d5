import { InferenceError } from "../../src/errors.ts";
import { createFunctionPredictor } from "../../src/predictor/embedded/function-predictor.ts";
import { createOnnxPredictor } from "../../src/predictor/embedded/onnx-predictor.ts";
import { createHttpPredictor } from "../../src/predictor/http/http-predictor.ts";
import type { HttpPredictorOptions } from "../../src/predictor/http/options.ts";
import type { Predictor } from "../../src/predictor/predictor.ts";
import { DATATYPES, type Datatype } from "../../src/tensor/datatype.ts";
import { renameTensor } from "../../src/tensor/lookup-tensor.ts";
import { ONNX_ELEMENT_TYPE, writeIdentityModel } from "./embedded/onnx-model.ts";
import { type LoopbackOptions, startLoopback } from "./loopback-predictor.ts";
import { type Opened, type Subject, testPredictor } from "./predictor-suite.ts";

const ALL = Object.keys(DATATYPES) as Datatype[];

const alone = (predictor: Predictor): Opened => ({ predictor, close: async () => undefined });

testPredictor("a function", {
  datatypes: ALL,
  keepsDatatypes: true,
  hasMetadata: true,
  castsRows: false,
  open: async (datatype) =>
    alone(
      createFunctionPredictor((request) => ({ outputs: request.inputs.map((tensor) => renameTensor(tensor, "y")) }), {
        metadata: {
          name: "m",
          inputs: [{ name: "x", datatype, shape: [-1, 3] }],
          outputs: [{ name: "y", datatype, shape: [-1, 3] }],
        },
      }),
    ),
  openSilent: async () => alone(createFunctionPredictor(() => new Promise(() => undefined))),
  openBusy: async () =>
    alone(
      createFunctionPredictor(() => {
        throw new InferenceError("busy", { status: 429, headers: { "retry-after": "7" } });
      }),
    ),
});

testPredictor("an embedded ONNX model", {
  datatypes: Object.keys(ONNX_ELEMENT_TYPE) as Datatype[],
  keepsDatatypes: true,
  hasMetadata: true,
  castsRows: true,
  open: async (datatype) => {
    const port = (name: string) => ({ name, datatype, shape: ["batch", 3] });
    return alone(createOnnxPredictor({ path: writeIdentityModel([{ input: port("x"), output: port("y") }]) }));
  },
});

function http(options: Pick<HttpPredictorOptions, "protocol" | "binary">): Omit<Subject, "datatypes"> {
  const open = async (loopbackOptions: LoopbackOptions): Promise<Opened> => {
    const loopback = await startLoopback(loopbackOptions);
    const predictor = createHttpPredictor({ host: loopback.url, modelName: "m", ...options });
    return { predictor, close: () => loopback.close() };
  };
  const isV2 = options.protocol === "v2";
  const isInference = (path: string) => path.endsWith("/infer") || path.endsWith(":predict");
  return {
    keepsDatatypes: isV2,
    hasMetadata: isV2,
    castsRows: isV2,
    open: (datatype) => open({ datatype }),
    openSilent: () => open({ intercept: ({ path }) => isInference(path) }),
    openBusy: () =>
      open({
        intercept: ({ path }, response) => {
          if (!isInference(path)) return false;
          response.writeHead(429, { "retry-after": "7", "content-type": "application/json" }).end('{"error":"busy"}');
          return true;
        },
      }),
  };
}

testPredictor("V1 over HTTP", { ...http({ protocol: "v1" }), datatypes: ALL });
testPredictor("V2 JSON over HTTP", { ...http({ protocol: "v2", binary: "off" }), datatypes: ALL });
testPredictor("V2 binary over HTTP", { ...http({ protocol: "v2", binary: "on" }), datatypes: ALL });
