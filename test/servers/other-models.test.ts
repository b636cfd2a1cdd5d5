import { readFileSync } from "node:fs";
import { type JsonObject, type Predictor, serve } from "kserve-transformer";
import { createHttpPredictor } from "kserve-transformer/predictor";
import { parseTabularSpecification } from "kserve-transformer/tabular";
import { v1Request } from "kserve-transformer/testing";
import { TabularTransformer } from "../../transformers/tabular/transformer.ts";
import { ask } from "./ask.ts";
import { type RunningServer, type ServerName, startServer } from "./start-server.ts";

const readJson = (path: string) => JSON.parse(readFileSync(new URL(`../../examples/${path}`, import.meta.url), "utf8"));
const customers: JsonObject[] = readJson("churn/customers.json");
const xgboost: JsonObject = readJson("xgboost/xgboost.json");
const { model: _, ...sklearn } = readJson("churn/churn.json");

interface Case {
  readonly server: ServerName;
  readonly protocol: "v1" | "v2";
  readonly model: string;
  readonly specification: JsonObject;
  readonly expected: readonly (readonly number[])[];
}

const trees = readJson("xgboost/expected.json").predict_proba;
const oneValue = { ...xgboost, predictor: { single_value: "probability" } };
const CASES: Case[] = [
  { server: "kserve", protocol: "v1", model: "churn-xgboost", specification: oneValue, expected: trees },
  { server: "kserve", protocol: "v2", model: "churn-xgboost", specification: oneValue, expected: trees },
  {
    server: "mlserver",
    protocol: "v2",
    model: "churn-xgboost",
    specification: { ...xgboost, predictor: { output: "predict_proba" } },
    expected: trees,
  },
  {
    server: "torchserve",
    protocol: "v1",
    model: "churn",
    specification: sklearn,
    expected: readJson("churn/expected.json").predict_proba,
  },
];

describe.each(CASES)("$model on $server, $protocol", ({ server: name, protocol, model, specification, expected }) => {
  let server: RunningServer;
  beforeAll(async () => {
    server = await startServer(name);
  });
  afterAll(() => server?.stop());

  test("the same transformer answers with the model's probabilities", async () => {
    const predictor: Predictor = createHttpPredictor({ protocol, host: server.url, predictorModelName: model });
    const transformer = new TabularTransformer(parseTabularSpecification(JSON.stringify(specification), "churn.json"));
    const service = await serve(transformer, { modelName: "churn", host: "127.0.0.1", port: 0, predictor });
    try {
      await service.ready();
      const { status, json } = await ask(service.url, "churn", v1Request({ instances: customers }));
      expect([status, json["error"]]).toEqual([200, undefined]);
      const predictions = json["predictions"] as unknown as { churn_probability: number; churn: boolean }[];
      expect(predictions).toHaveLength(20);
      predictions.forEach(({ churn_probability, churn }, row) => {
        const yes = expected[row]?.[1] as number;
        expect(Math.abs(churn_probability - yes)).toBeLessThan(1e-6);
        expect(churn).toBe(yes >= 0.5);
      });
    } finally {
      await service.close();
    }
  });
});
