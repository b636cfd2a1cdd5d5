import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseTabularSpecification } from "kserve-transformer/tabular";
import { testTransformer } from "kserve-transformer/testing";
import { TabularTransformer } from "../../../transformers/tabular/transformer.ts";
import { pythonOf } from "../start-server.ts";
import { writeDocTable } from "./write-doc-table.ts";

const SCRIPT = fileURLToPath(new URL("dict_vectorizer.py", import.meta.url));
const VARIANTS = {
  float64: "DictVectorizer, float64",
  float32: "DictVectorizer, float32",
  standard: "DictVectorizer, StandardScaler",
  "min-max": "DictVectorizer, MinMaxScaler",
  sparse: "DictVectorizer, sparse, StandardScaler",
  "sparse-float32": "DictVectorizer, sparse, float32, StandardScaler",
};

const folder = mkdtempSync(join(tmpdir(), "dict-vectorizer-"));
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const differences: string[][] = [];

beforeAll(() => {
  execFileSync(pythonOf("kserve"), ["-W", "ignore", SCRIPT, folder], { stdio: "inherit" });
});
afterAll(() => rmSync(folder, { recursive: true }));

const load = (variant: string) =>
  new TabularTransformer(parseTabularSpecification(read(`specification-${variant}.json`), "specification.json"));
const request = (body: string) => ({
  method: "POST" as const,
  path: "/v1/models/{model}:predict",
  headers: { "content-type": "application/json" },
  body: Buffer.from(body),
});

test.each(Object.entries(VARIANTS))("10,000 records give the vectors of scikit-learn: %s", async (variant, name) => {
  const tested = testTransformer(load(variant), {
    predictor: ({ instances }) => ({ predictions: instances.map(() => [0.5, 0.5]) }),
  });
  const { status } = await tested.predict(request(read("records.json")));
  await tested.close();
  expect(status).toBe(200);

  const expected: (number | string)[][] = JSON.parse(read(`vectors-${variant}.json`));
  const vectors = (tested.sent[0]?.instances ?? []) as number[][];
  expect(vectors).toHaveLength(10_000);
  let values = 0;
  const wrong = expected.flatMap((vector, row) =>
    vector.flatMap((value, column) => {
      values++;
      const ours = vectors[row]?.[column];
      return Object.is(ours, Number(value)) ? [] : [{ row, column, value, ours }];
    }),
  );
  expect(wrong.slice(0, 10)).toEqual([]);
  differences.push([name, String(vectors.length), String(values), String(wrong.length)]);
});

test("records that scikit-learn refuses are each a 400 that names the field", async () => {
  const tested = testTransformer(load("float64"), { predictor: { predictions: [] } });
  const refused: object[] = JSON.parse(read("refused.json"));
  for (const record of refused) {
    const { status, json } = await tested.predict(request(JSON.stringify({ instances: [{ tenure: 1 }, record] })));
    expect(status).toBe(400);
    expect(json).toMatchObject({ error: expect.stringContaining(`instances[1].${Object.keys(record)[0]}: expected`) });
  }
  expect(refused.length).toBeGreaterThan(5);
  await tested.close();
});

test("the table in docs/parity.md is written", () => {
  expect(differences).toHaveLength(Object.keys(VARIANTS).length);
  const about: {
    "scikit-learn": string;
    numpy: string;
    python: string;
    features: number;
    counts: Record<string, number>;
  } = JSON.parse(read("about.json"));
  writeDocTable("dict-vectorizer", [
    `scikit-learn ${about["scikit-learn"]}, numpy ${about.numpy}; ${about.features} features.`,
    "",
    "| what | records | values compared | differences |",
    "| --- | --- | --- | --- |",
    ...differences.map((row) => `| ${row.join(" | ")} |`),
    "",
    "| records with | of 10,000 |",
    "| --- | --- |",
    ...Object.entries(about.counts).map(([kind, count]) => `| ${KINDS[kind] ?? kind} | ${count} |`),
  ]);
});

const KINDS: Readonly<Record<string, string>> = {
  ordinary: "nothing unusual",
  missing: "missing fields",
  new_category: "a category that was not trained on",
  new_field: "a field that was not trained on",
  unicode: "letters beyond ASCII, composed and decomposed",
  number_as_text: "a number as text",
  boolean: "a boolean",
  none: "None",
  several: "several categories of one field, repeated ones too",
  unusual_number: "integers beyond 2^53, -0, the smallest and largest doubles",
  named_like_a_category: "a field named like a feature, `contract=one_year`",
};
