import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expectAsScikitLearn, type PipelineCase } from "../../tabular/pipeline/pipeline-cases.ts";
import { pythonOf } from "../start-server.ts";

interface Exported {
  /** The message, null where nothing was refused. */
  readonly refused: Readonly<Record<string, string | null>>;
  readonly models: readonly PipelineCase[];
}

let exported: Exported;
beforeAll(() => {
  const script = fileURLToPath(new URL("export_refusals.py", import.meta.url));
  exported = JSON.parse(
    execFileSync(pythonOf("kserve"), [script], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }),
  );
});

const REFUSED: Readonly<Record<string, RegExp>> = {
  "no names of columns":
    /^the StandardScaler was fitted without names of columns: give them with --columns, in their order$/,
  "too few names of columns": /^--columns: the StandardScaler takes 2 columns, got 1 names$/,
  "a name twice": /^the column 'a' is there twice: a record has one value for a name$/,
  "an unknown step": /^step 'pca' is a PCA: only Pipeline, ColumnTransformer, OneHot/,
  "a class of one's own":
    /^step '__main__\.OwnScaler' is a __main__\.OwnScaler: only Pipeline, ColumnTransformer, OneHot/,
  "a function": /^step 'functiontransformer' is a FunctionTransformer: only Pipeline, ColumnTransformer, OneHot/,
  "no linear model": /^step 'randomforestclassifier' is a RandomForestClassifier: only linear models are scored here/,
  "several outputs":
    /^step 'ridge': expected coefficients of shape \(1, 2\), got \(2, 2\): several outputs have no place in the specification$/,
  "a classifier of several outputs":
    /^step 'randomforestclassifier': a classifier with several outputs has no place in the specification$/,
  "a high degree": /^step 'PolynomialFeatures': degree 65 is beyond 64$/,
  "an encoder of float32":
    /^step 'OneHotEncoder': dtype float32, the steps behind it would compute in other floats than float64$/,
  "an encoder of booleans": /^step 'OrdinalEncoder': dtype bool makes 1 of every number beyond 0$/,
  "a code that the dtype does not hold":
    /^step 'OrdinalEncoder', unknown_value: 300 does not fit the encoder's dtype int8$/,
  "None and NaN": /^step 'OneHotEncoder': the column 'x' has the categories None and NaN, which are both null in JSON$/,
  "None behind an imputer of NaN":
    /^step 'ordinalencoder': the column 'city' has a missing category although an imputer stands before: it was fitted with both None and NaN, or with the one that its missing_values does not name, and both are null in JSON$/,
  "None as what fills":
    /^step 'simpleimputer': the column 'city' is filled with None, and both what is filled and what fills are null in JSON$/,
  "a category beyond 2^53":
    /^step 'OneHotEncoder': the category 9007199254740993 is beyond 2\^53, where a 64-bit float does not tell it from its neighbours$/,
  "a category of another type":
    /^step 'OneHotEncoder': a category of type date, only text, numbers and booleans are told apart in JSON$/,
  "an infinite number": /^step 'ridge': inf has no place in the specification$/,
  "a column as text and as number":
    /^step 'ColumnTransformer', 'two': the column 'city' is used as text and as a number$/,
  "a step behind a DictVectorizer":
    /^step 2 is a PCA: after a DictVectorizer only StandardScalers and MinMaxScalers, then a classifier can be exported; no step is left out$/,
  "no file": /^…\/model\.joblib: No such file or directory$/,
  "a threshold that is no probability": /^--threshold: expected 0 to 1, got 3\.0$/,
  "no step": /^there is no step in …\/model\.joblib$/,
};

test("what cannot be exported is refused with its place and the reason", () => {
  for (const [name, message] of Object.entries(REFUSED))
    expect([name, exported.refused[name]]).toEqual([name, expect.stringMatching(message)]);
  expect(Object.keys(exported.refused).sort()).toEqual(Object.keys(REFUSED).sort());
});

test("every model that is taken says what scikit-learn says, and steps that random pipelines do not have", () => {
  expect(exported.models).toHaveLength(41);
  for (const each of exported.models) {
    try {
      expectAsScikitLearn(each);
    } catch (error) {
      throw new Error(each.name, { cause: error });
    }
  }
});
