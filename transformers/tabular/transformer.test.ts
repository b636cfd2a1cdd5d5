import { readFileSync } from "node:fs";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createTensor, type JsonObject, type JsonValue } from "kserve-transformer";
import { createLinearModel, parseTabularSpecification } from "kserve-transformer/tabular";
import { type TestTransformerOptions, testTransformer, v2Request } from "kserve-transformer/testing";
import createTabularTransformer, { TabularTransformer } from "./transformer.ts";

const CHURN = new URL("../../examples/churn/", import.meta.url);
const readText = (name: string) => readFileSync(new URL(name, CHURN), "utf8");
const customers: JsonObject[] = JSON.parse(readText("customers.json"));
const expected: { vectors: number[][]; predict_proba: [number, number][] } = JSON.parse(readText("expected.json"));
const file: JsonObject = JSON.parse(readText("churn.json"));
const { model: _, ...withoutModel } = file;

const withTransformer = async (
  specification: JsonObject,
  predictor: TestTransformerOptions["predictor"],
  run: (tested: ReturnType<typeof testTransformer>) => Promise<void>,
) => {
  const parsed = parseTabularSpecification(JSON.stringify(specification), "churn.json");
  const tested = testTransformer(new TabularTransformer(parsed), predictor === undefined ? {} : { predictor });
  try {
    await run(tested);
  } finally {
    await tested.close();
  }
};

const classesOf = (probabilities: readonly (readonly number[])[]) => probabilities.map(([no = 0, yes = 0]) => yes > no);

function expectAnswers(predictions: readonly JsonValue[], tolerance = 1e-9): void {
  expect(predictions).toHaveLength(expected.predict_proba.length);
  predictions.forEach((prediction, row) => {
    const [, yes] = expected.predict_proba[row] as [number, number];
    const { churn_probability, churn } = prediction as { churn_probability: number; churn: boolean };
    expect(Math.abs(churn_probability - yes)).toBeLessThan(tolerance);
    expect(churn).toBe(yes >= 0.5);
  });
}

test("a predictor that answers probabilities: vectors go in, probability and decision come out", async () => {
  await withTransformer(withoutModel, { predictions: expected.predict_proba }, async (tested) => {
    const { predictions } = await tested.predict({ instances: customers });
    expect(tested.sent[0]?.instances).toEqual(expected.vectors);
    expectAnswers(predictions);
    expect(Object.keys(predictions[0] as JsonObject)).toEqual(["churn_probability", "churn"]);
  });
});

test("a predictor that answers classes alone: probabilities come from the coefficients", async () => {
  await withTransformer(file, { predictions: classesOf(expected.predict_proba) }, async (tested) => {
    expectAnswers((await tested.predict({ instances: customers })).predictions);
    expect(tested.sent).toHaveLength(1);
  });
});

test("a predictor whose classes are another model's is a 502 that says so", async () => {
  const other = classesOf(expected.predict_proba).map((churn, row) => (row === 7 ? !churn : churn));
  await withTransformer(file, { predictions: other }, async (tested) => {
    const { status, json } = await tested.predict({ instances: customers });
    expect(status).toBe(502);
    expect(json).toMatchObject({
      error: expect.stringContaining("predictions[7]: the predictor's class is not that of"),
    });
  });
});

test("a predictor that answers classes alone without coefficients is a 502 that says what to do", async () => {
  await withTransformer(withoutModel, { predictions: classesOf(expected.predict_proba) }, async (tested) => {
    const { status, json } = await tested.predict({ instances: customers });
    expect(status).toBe(502);
    expect(json).toMatchObject({ error: expect.stringContaining("add 'model' to the specification") });
  });
});

test("probabilities from coefficients ask no predictor", async () => {
  await withTransformer({ ...file, probabilities: "coefficients" }, { predictions: [] }, async (tested) => {
    expectAnswers((await tested.predict({ instances: customers })).predictions, 1e-12);
    expect(tested.sent).toHaveLength(0);
  });
});

test("the predictor's output that the specification names is asked for", async () => {
  const specification = { ...withoutModel, predictor: { output: "predict_proba" } };
  await withTransformer(specification, { predictions: expected.predict_proba }, async (tested) => {
    expectAnswers((await tested.predict({ instances: customers })).predictions);
    expect(tested.sent[0]?.requestedOutputs).toEqual([{ name: "predict_proba", parameters: {} }]);
  });
});

test("a V2 client sends columns and gets an FP64 and a BOOL column", async () => {
  const complete = customers.slice(0, 15);
  const columns = Object.keys(complete[0] as JsonObject).map((name) => {
    const values = complete.map((customer) => customer[name]);
    return typeof values[0] === "string"
      ? createTensor(
          name,
          "BYTES",
          [values.length],
          values.map((value) => Buffer.from(String(value))),
        )
      : createTensor(name, "FP64", [values.length], Float64Array.from(values, Number));
  });
  await withTransformer(withoutModel, { predictions: expected.predict_proba.slice(0, 15) }, async (tested) => {
    const { outputs } = await tested.predict(v2Request(columns));
    expect(tested.sent[0]?.instances).toEqual(expected.vectors.slice(0, 15));
    expect(outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape }))).toEqual([
      { name: "churn_probability", datatype: "FP64", shape: [15] },
      { name: "churn", datatype: "BOOL", shape: [15] },
    ]);
    expect(Array.from(outputs[0]?.data as Float64Array)).toEqual(
      expected.predict_proba.slice(0, 15).map(([, yes]) => yes),
    );
  });
});

test("a record with a field of the wrong type is a 400 that names it", async () => {
  await withTransformer(file, { predictions: [] }, async (tested) => {
    const records = customers
      .slice(0, 3)
      .map((customer, row) => (row === 2 ? { ...customer, tenure: "12" } : customer));
    const { status, json } = await tested.predict({ instances: records });
    expect(status).toBe(400);
    expect(json).toMatchObject({ error: 'instances[2].tenure: expected a number, got the string "12"' });
    expect(tested.sent).toHaveLength(0);
  });
});

test("class names without a threshold: the likeliest class and its probability", async () => {
  const specification = { ...withoutModel, answer: { name: "churn", classes: ["stays", "leaves"] } };
  await withTransformer(specification, { predictions: [[0.75, 0.25]] }, async (tested) => {
    const { predictions } = await tested.predict({ instances: customers.slice(0, 1) });
    expect(predictions).toEqual([{ churn_probability: 0.75, churn: "stays" }]);
  });
});

test("an explanation passes as the predictor gave it", async () => {
  await withTransformer(file, { predictions: [{ tenure: 0.4 }] }, async (tested) => {
    expect((await tested.explain({ instances: customers.slice(0, 1) })).predictions).toEqual([{ tenure: 0.4 }]);
  });
});

describe("the factory", () => {
  test("reads the specification that TABULAR_SPEC names", async () => {
    const env = { TABULAR_SPEC: new URL("churn.json", CHURN).pathname };
    const linear = createLinearModel(parseTabularSpecification(readText("churn.json"), "churn.json"));
    const predictions = linear.probabilities(expected.vectors);
    const tested = testTransformer(() => createTabularTransformer({ env }), { predictor: { predictions } });
    expectAnswers((await tested.predict({ instances: customers })).predictions);
    await tested.close();
  });

  test("says that TABULAR_SPEC is not set", async () => {
    await expect(createTabularTransformer({ env: {} })).rejects.toThrow("TABULAR_SPEC is not set");
  });

  test("says which file cannot be read, and which line of it is wrong", async () => {
    await expect(createTabularTransformer({ env: { TABULAR_SPEC: "/nowhere/churn.json" } })).rejects.toThrow(
      "TABULAR_SPEC: cannot read /nowhere/churn.json (ENOENT)",
    );
    const path = join(await mkdtemp(join(tmpdir(), "tabular-")), "broken.json");
    await writeFile(path, '{\n  "version": 3\n}');
    await expect(createTabularTransformer({ env: { TABULAR_SPEC: path } })).rejects.toThrow(
      "broken.json, line 2: version: this program reads versions 1 and 2, got 3",
    );
  });
});
