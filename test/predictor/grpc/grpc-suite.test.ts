import { once } from "node:events";
import { InferenceError } from "../../../src/errors.ts";
import type { InferRequest } from "../../../src/inference/infer-request.ts";
import { createGrpcPredictor } from "../../../src/predictor/grpc/grpc-predictor.ts";
import type { GrpcPredictorOptions } from "../../../src/predictor/grpc/options.ts";
import { DATATYPES, type Datatype } from "../../../src/tensor/datatype.ts";
import { renameTensor } from "../../../src/tensor/lookup-tensor.ts";
import { createEchoServer, type Respond, runGrpc } from "../../server/grpc/grpc-fixtures.ts";
import { type Opened, type Subject, testPredictor } from "../predictor-suite.ts";

function grpc(options: Partial<GrpcPredictorOptions>): Subject {
  const open = async (respond: Respond, datatype: Datatype = "FP32"): Promise<Opened> => {
    const echo = createEchoServer(respond);
    const specs = (name: string) => [{ name, datatype, shape: [-1, 3] }];
    echo.metadata = { inputs: specs("x"), outputs: specs("y") };
    const server = await runGrpc(echo.server);
    const predictor = createGrpcPredictor({ host: `127.0.0.1:${server.port}`, modelName: "m", ...options });
    return { predictor, close: () => server.close(0) };
  };
  return {
    datatypes: Object.keys(DATATYPES) as Datatype[],
    keepsDatatypes: true,
    hasMetadata: true,
    castsRows: true,
    open: (datatype) =>
      open((request: InferRequest) => {
        return request.reply({ outputs: request.inputs.map((tensor) => renameTensor(tensor, "y")) });
      }, datatype),
    openSilent: () =>
      open(async (_, { signal }) => {
        await once(signal, "abort");
        throw signal.reason;
      }),
    openBusy: () =>
      open(() => {
        throw new InferenceError("busy", { status: 429, headers: { "retry-after": "7" } });
      }),
  };
}

testPredictor("gRPC V2, raw contents", grpc({}));
testPredictor("gRPC V2, typed contents", grpc({ binary: "off" }));
