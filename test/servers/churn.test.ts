import { readFileSync } from "node:fs";
import { createTensor, type JsonObject, type JsonValue, type Predictor, serve, type Tensor } from "kserve-transformer";
import { createHttpPredictor, createOnnxPredictor } from "kserve-transformer/predictor";
import { parseTabularSpecification } from "kserve-transformer/tabular";
import { type TestRequest, v1Request, v2Request } from "kserve-transformer/testing";
import { TabularTransformer } from "../../transformers/tabular/transformer.ts";
import { ask } from "./ask.ts";
import { recordPredictor } from "./record-predictor.ts";
import { type RunningServer, startServer } from "./start-server.ts";

const CHURN = new URL("../../examples/churn/", import.meta.url);
const readJson = (name: string) => JSON.parse(readFileSync(new URL(name, CHURN), "utf8"));
const customers: readonly JsonObject[] = readJson("customers.json");
const expected: { vectors: number[][]; predict_proba: [number, number][] } = readJson("expected.json");
const { model, ...file } = readJson("churn.json");

let kserve: RunningServer;
let mlserver: RunningServer;
beforeAll(async () => {
  kserve = await startServer("kserve");
  mlserver = await startServer("mlserver");
});
afterAll(async () => {
  await kserve?.stop();
  await mlserver?.stop();
});

interface Case {
  readonly name: string;
  readonly predictor: () => Predictor | undefined;
  readonly specification: JsonObject;
  /** Largest difference from Python's double-precision probabilities. */
  readonly tolerance: number;
}

const http = (protocol: "v1" | "v2", host: string, predictorModelName: string, binary: "on" | "off" = "off") =>
  createHttpPredictor({ protocol, host, predictorModelName, binary });

const CASES: Case[] = [
  {
    name: "a server that answers probabilities, V1",
    predictor: () => http("v1", kserve.url, "churn-probabilities"),
    specification: file,
    tolerance: 1e-9,
  },
  {
    name: "a server that answers probabilities, V2",
    predictor: () => http("v2", kserve.url, "churn-probabilities"),
    specification: file,
    tolerance: 1e-9,
  },
  {
    name: "a server that answers probabilities, V2 binary",
    predictor: () => http("v2", kserve.url, "churn-probabilities", "on"),
    specification: file,
    tolerance: 1e-9,
  },
  {
    name: "a server that answers classes alone, V1",
    predictor: () => http("v1", kserve.url, "churn"),
    specification: { ...file, model },
    tolerance: 1e-9,
  },
  {
    name: "a server that answers classes alone, V2",
    predictor: () => http("v2", kserve.url, "churn"),
    specification: { ...file, model },
    tolerance: 1e-9,
  },
  {
    name: "MLServer's predict_proba, V2",
    predictor: () => http("v2", mlserver.url, "churn"),
    specification: { ...file, predictor: { output: "predict_proba" } },
    tolerance: 1e-9,
  },
  {
    name: "MLServer's classes, V2",
    predictor: () => http("v2", mlserver.url, "churn"),
    specification: { ...file, model },
    tolerance: 1e-9,
  },
  {
    name: "no predictor, the coefficients",
    predictor: () => undefined,
    specification: { ...file, model, probabilities: "coefficients" },
    tolerance: 1e-9,
  },
  {
    name: "the embedded ONNX model, whose numbers are FP32",
    predictor: () => createOnnxPredictor({ path: new URL("model.onnx", CHURN).pathname }),
    specification: file,
    tolerance: 1e-6,
  },
];

describe.each(CASES)("expected.json is reproduced in front of $name", ({ predictor, specification, tolerance }) => {
  const start = async () => {
    const behind = predictor();
    const recorded = behind && recordPredictor(behind);
    const transformer = new TabularTransformer(parseTabularSpecification(JSON.stringify(specification), "churn.json"));
    const service = await serve(transformer, {
      modelName: "churn",
      host: "127.0.0.1",
      port: 0,
      ...(recorded && { predictor: recorded.predictor }),
    });
    await service.ready();
    return { service, sent: recorded?.sent };
  };

  test("by a V1 client", async () => {
    const { service, sent } = await start();
    try {
      const answer = await ask(service.url, "churn", v1Request({ instances: customers }));
      expect(answer.json).not.toHaveProperty("error");
      if (sent !== undefined) expect(sent.flatMap(({ instances }) => instances)).toEqual(expected.vectors);
      expectAnswers(answer.json["predictions"] as JsonObject[], 0, tolerance);
    } finally {
      await service.close();
    }
  });

  test.each([false, true])("by a V2 client, binary %s", async (binary) => {
    const { service, sent } = await start();
    try {
      // The last five miss a field or have one of their own, so they are no columns together.
      const groups = [customers.slice(0, 15), ...customers.slice(15).map((customer) => [customer])];
      let first = 0;
      for (const group of groups) {
        const answer = await ask(service.url, "churn", columnsRequest(group, binary));
        expect([
          answer.status,
          new TextDecoder().decode(answer.body.slice(0, answer.status === 200 ? 0 : 500)),
        ]).toEqual([200, ""]);
        expect(answer.headers.has("inference-header-content-length")).toBe(binary);
        const { outputs } = answer.response;
        expect(outputs.map(({ name, datatype }) => `${name} ${datatype}`)).toEqual([
          "churn_probability FP64",
          "churn BOOL",
        ]);
        const [probabilities, decisions] = outputs as [Tensor<"FP64">, Tensor<"BOOL">];
        const rows = Array.from(probabilities.data, (probability, row) => ({
          churn_probability: probability,
          churn: decisions.data[row] === 1,
        }));
        expectAnswers(rows, first, tolerance, group.length);
        first += group.length;
      }
      if (sent !== undefined) expect(sent.flatMap(({ instances }) => instances)).toEqual(expected.vectors);
    } finally {
      await service.close();
    }
  });
});

function expectAnswers(rows: readonly JsonObject[], first: number, tolerance: number, count = 20): void {
  expect(rows).toHaveLength(count);
  rows.forEach(({ churn_probability, churn }, row) => {
    const [, yes] = expected.predict_proba[first + row] as [number, number];
    expect(Math.abs((churn_probability as number) - yes)).toBeLessThan(tolerance);
    expect(churn).toBe(yes >= 0.5);
  });
}

/** Records as V2 columns; several categories of one field are a second dimension. */
function columnsRequest(records: readonly JsonObject[], binary: boolean): TestRequest {
  const tensors = Object.keys(records[0] ?? {}).map((name) =>
    column(
      name,
      records.map((record) => record[name]),
    ),
  );
  return v2Request(tensors, { binary });
}

function column(name: string, values: readonly (JsonValue | undefined)[]): Tensor {
  const [first] = values;
  const count = values.length;
  if (typeof first === "string")
    return createTensor(
      name,
      "BYTES",
      [count],
      values.map((value) => Buffer.from(String(value))),
    );
  if (Array.isArray(first)) {
    const texts = values.flat() as string[];
    return createTensor(
      name,
      "BYTES",
      [count, texts.length / count],
      texts.map((text) => Buffer.from(text)),
    );
  }
  return createTensor(name, "FP64", [count], Float64Array.from(values, Number));
}
