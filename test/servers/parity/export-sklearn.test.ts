import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  createLinearModel,
  createVectorizer,
  parseTabularSpecification,
  type TabularRecord,
  type VectorizerSpecification,
} from "kserve-transformer/tabular";
import { ofVersion1 } from "../../tabular/specification-of.ts";
import { pythonOf } from "../start-server.ts";

const EXPORT = fileURLToPath(new URL("../../../transformers/tabular/export_sklearn.py", import.meta.url));
const MODELS = fileURLToPath(new URL("export_models.py", import.meta.url));
const CHURN = fileURLToPath(new URL("../../../examples/churn/", import.meta.url));

interface Expected {
  readonly files: readonly string[];
  readonly records: readonly TabularRecord[];
  readonly probabilities: readonly (readonly number[])[];
}

const folder = mkdtempSync(join(tmpdir(), "export-"));
let python: string;

beforeAll(() => {
  python = pythonOf("kserve");
  execFileSync(python, [MODELS, folder]);
});
afterAll(() => rmSync(folder, { recursive: true }));

const expectedOf = (name: string): Expected => JSON.parse(readFileSync(join(folder, name, "expected.json"), "utf8"));

function exportCase(name: string, options: readonly string[] = []): VectorizerSpecification {
  const files = expectedOf(name).files.map((file) => join(folder, name, file));
  const text = execFileSync(python, [EXPORT, "--name", "churn", ...options, ...files], { encoding: "utf8" });
  return ofVersion1(parseTabularSpecification(text, "exported.json"));
}

test.each([
  ["pipeline", "a Pipeline with StandardScaler", [false, true], 1e-12],
  ["tuple", "a vectorizer and a classifier pickled as one tuple", [0, 1], 1e-12],
  ["sparse", "a Pipeline with sparse vectors", [false, true], 1e-12],
  // Python scores these in 32-bit floats.
  ["parts", "parts in files of their own, float32, MinMaxScaler, three classes", ["middle", "old", "young"], 1e-5],
])("an exported model scores as scikit-learn does: %s, %s", (name, _, classes, tolerance) => {
  const specification = exportCase(name);
  const { records, probabilities } = expectedOf(name);
  expect(specification.answer).toEqual({ name: "churn", classes });
  const ours = createLinearModel(specification).probabilities(createVectorizer(specification).transform(records));
  expect(ours).toHaveLength(21);
  const distance = ours.flatMap((row, index) =>
    row.map((value, place) => Math.abs(value - (probabilities[index]?.[place] ?? Number.NaN))),
  );
  expect(Math.max(...distance)).toBeLessThan(tolerance);
});

test("a classifier without coefficients is exported without them, and a sparse vectorizer as any other", () => {
  const specification = exportCase("forest", ["--classes", "a,b,c"]);
  expect(specification.model).toBeUndefined();
  expect(specification.answer.classes).toEqual(["a", "b", "c"]);
  expect(specification.vectorizer.feature_names).toContain("city=東京");
});

test("the churn example is what its script trains and the export writes", () => {
  const out = join(folder, "churn");
  execFileSync(python, [join(CHURN, "train.py"), "--out", out]);
  const files = ["vectorizer.joblib", "model.joblib"].map((file) => join(out, file));
  const text = execFileSync(python, [EXPORT, "--name", "churn", "--threshold", "0.5", ...files], { encoding: "utf8" });
  const fresh = parseTabularSpecification(text, "exported.json");
  const published = parseTabularSpecification(readFileSync(join(CHURN, "churn.json"), "utf8"), "churn.json");
  expect({ ...fresh, model: undefined }).toEqual({ ...published, model: undefined });
  // The solver's last digits depend on the machine's linear algebra.
  fresh.model?.coefficients[0]?.forEach((value, index) => {
    expect(value).toBeCloseTo(published.model?.coefficients[0]?.[index] ?? Number.NaN, 4);
  });
  expect(fresh.model?.coefficients[0]).toHaveLength(39);
});
