import {
  type InferRequest,
  type InferResponse,
  type Predictor,
  serve,
  type Tensor,
  Transformer,
} from "kserve-transformer";
import { createHttpPredictor } from "kserve-transformer/predictor";
import { v1Request, v2Request } from "kserve-transformer/testing";
import { ask } from "./ask.ts";
import { writeDocTable } from "./parity/write-doc-table.ts";
import { bitsOf, ECHOED, sampleTensor } from "./sample-tensor.ts";
import { type RunningServer, type ServerName, startServer } from "./start-server.ts";

/** Reads every tensor and sends its elements on, so that nothing is handed on unread. */
class Rebuild extends Transformer {
  override preprocess(request: InferRequest): InferRequest {
    return request.withInputs(
      request.inputs.map(({ name, datatype, shape, data }) => ({ name, datatype, shape, data }) as Tensor),
    );
  }

  override postprocess(response: InferResponse): InferResponse {
    return response.withOutputs(response.outputs);
  }
}

/** No hook: bodies of the predictor's own form pass unread. */
class PassThrough extends Transformer {}

const TRANSFORMERS = { "with hooks": Rebuild, "without hooks": PassThrough };
const table: string[] = [];

describe.each<[ServerName, readonly ("on" | "off" | "auto")[]]>([
  ["triton", ["on", "off", "auto"]],
  ["kserve", ["on", "off"]],
  ["mlserver", ["auto"]],
])("%s echoes every datatype through the service", (name, binaries) => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer(name);
  });
  afterAll(() => server?.stop());

  const modelOf = (datatype: string, rank: number): string =>
    name === "triton" ? `echo_${datatype.toLowerCase()}${rank === 3 ? "_3d" : ""}` : "echo";

  const cases = Object.keys(TRANSFORMERS).flatMap((hooks) =>
    binaries.flatMap((toServer) => [false, true].map((fromClient) => [hooks, toServer, fromClient] as const)),
  );

  test.each(cases)("V2, %s, predictor_binary %s, client binary %s", async (hooks, toServer, fromClient) => {
    const carried: string[] = [];
    for (const datatype of ECHOED.filter((candidate) => canCarry(name, toServer, candidate))) {
      for (const shape of [[6], [2, 1, 3]]) {
        await withService(hooks, predictorOf("v2", modelOf(datatype, shape.length), toServer), async (url) => {
          const input = sampleTensor("INPUT0", datatype, shape);
          const answer = await ask(url, "echo", v2Request([input], { binary: fromClient }));
          expect([datatype, answer.status, answer.status === 200 ? "" : answer.json["error"]]).toEqual([
            datatype,
            200,
            "",
          ]);
          expect([datatype, bitsOf(answer.response.output())]).toEqual([datatype, bitsOf(input)]);
          expect([datatype, answer.headers.has("inference-header-content-length")]).toEqual([datatype, fromClient]);
        });
      }
      carried.push(datatype);
    }
    table.push(
      `| ${name} | ${hooks} | ${fromClient ? "V2 binary" : "V2 JSON"} | ${toServer} | ${carried.length === ECHOED.length ? "all" : `all but ${ECHOED.filter((one) => !carried.includes(one)).join(", ")}`} |`,
    );
  });

  const predictorOf = (protocol: "v1" | "v2", model: string, binary: "on" | "off" | "auto" = "auto"): Predictor =>
    createHttpPredictor({ protocol, host: server.url, predictorModelName: model, binary });

  test("rows of a V1 client become the datatypes of the model and come back as they were", async () => {
    const rows = { FP64: [0.5, -1, 1e300], BOOL: [true, false, true], BYTES: ["a", "東京", ""], INT32: [1, -2, 3] };
    for (const [datatype, instances] of Object.entries(rows)) {
      await withService("without hooks", predictorOf("v2", modelOf(datatype, 1)), async (url) => {
        const answer = await ask(url, "echo", v1Request({ instances }));
        expect([answer.status, answer.json]).toEqual([200, { predictions: instances }]);
      });
    }
  });

  if (name !== "mlserver") {
    test("FP16 as JSON is refused by the server, and the client gets its 400", async () => {
      await withService("with hooks", predictorOf("v2", modelOf("FP16", 1), "off"), async (url) => {
        const { status, json } = await ask(
          url,
          "echo",
          v2Request([sampleTensor("INPUT0", "FP16", [6])], { binary: true }),
        );
        expect([status, Object.keys(json)]).toEqual([400, ["error"]]);
      });
    });
  }

  if (name === "kserve") {
    test("columns of a V2 client go to a V1 predictor as rows, and its rows come back as columns", async () => {
      for (const datatype of ["FP64", "BOOL", "BYTES"] as const) {
        await withService("with hooks", predictorOf("v1", "echo"), async (url) => {
          const input = sampleTensor("INPUT0", datatype, [6]);
          const { status, response } = await ask(url, "echo", v2Request([input]));
          expect(status).toBe(200);
          expect(bitsOf(response.output())).toEqual(bitsOf(input));
        });
      }
    });
  }

  if (name === "triton") {
    test("tensors without elements and with infinite values pass in binary", async () => {
      await withService("with hooks", predictorOf("v2", "echo_fp32", "on"), async (url) => {
        for (const data of [
          new Float32Array(0),
          Float32Array.of(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
        ]) {
          const input = { name: "INPUT0", datatype: "FP32", shape: [data.length], data } as const;
          const { response } = await ask(url, "echo", v2Request([input], { binary: true }));
          expect(bitsOf(response.output())).toEqual(bitsOf(input));
        }
      });
    });

    test("numbers of a V1 client are cast to the model's datatype, and refused where they do not fit", async () => {
      for (const datatype of ["UINT8", "INT16", "INT64", "FP32", "FP64"]) {
        await withService("without hooks", predictorOf("v2", modelOf(datatype, 1)), async (url) => {
          const { json } = await ask(url, "echo", v1Request({ instances: [1, 2, 3] }));
          expect(json).toEqual({ predictions: [1, 2, 3] });
        });
      }
      await withService("without hooks", predictorOf("v2", "echo_uint8"), async (url) => {
        const { status, json } = await ask(url, "echo", v1Request({ instances: [1, 256] }));
        expect([status, json["error"]]).toEqual([400, expect.stringContaining("256")]);
      });
    });

    test("two tensors of different datatypes go and come together", async () => {
      await withService("with hooks", predictorOf("v2", "echo_pair"), async (url) => {
        const inputs = [sampleTensor("INPUT0", "FP32", [6]), sampleTensor("INPUT1", "BYTES", [6])];
        const { response } = await ask(url, "echo", v2Request(inputs, { binary: true, outputs: ["OUTPUT1"] }));
        expect(response.outputs.map((output) => [output.name, bitsOf(output)])).toEqual([
          ["OUTPUT1", bitsOf(inputs[1] as Tensor)],
        ]);
      });
    });
  }
});

test("the table in docs/parity.md is written", () => {
  expect(table).toHaveLength(24);
  writeDocTable("datatypes", [
    "| server | transformer | client | predictor_binary | datatypes that come back to the bit |",
    "| --- | --- | --- | --- | --- |",
    ...table,
  ]);
});

/** Triton and the Python SDK have no JSON form of FP16. */
function canCarry(server: ServerName, binary: "on" | "off" | "auto", datatype: string): boolean {
  const json = binary === "off" || (binary === "auto" && server !== "triton");
  return !(datatype === "FP16" && json && server !== "mlserver");
}

async function withService(hooks: string, predictor: Predictor, run: (url: string) => Promise<void>): Promise<void> {
  const transformer = TRANSFORMERS[hooks as keyof typeof TRANSFORMERS];
  const service = await serve(transformer, { modelName: "echo", host: "127.0.0.1", port: 0, predictor });
  try {
    await service.ready();
    await run(service.url);
  } finally {
    await service.close();
  }
}
