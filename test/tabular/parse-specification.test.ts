import { readFileSync } from "node:fs";
import type { InferenceError } from "kserve-transformer";
import { parseTabularSpecification } from "kserve-transformer/tabular";

const LINES = [
  "{", //                                                     1
  '  "version": 1,', //                                       2
  '  "vectorizer": {', //                                     3
  '    "feature_names": [', //                                4
  '      "contract=month",', //                               5
  '      "tenure"', //                                        6
  "    ]", //                                                 7
  "  },", //                                                  8
  '  "scaler": {"kind": "standard", "scale": [1, 2]},', //    9
  '  "answer": {', //                                         10
  '    "name": "churn",', //                                  11
  '    "classes": [false, true],', //                         12
  '    "threshold": 0.5', //                                  13
  "  }", //                                                   14
  "}", //                                                     15
];
const parse = (...changes: [from: string, to: string][]) => {
  const text = changes.reduce((now, [from, to]) => {
    if (!now.includes(from)) throw new Error(`the test's file has no ${from}`);
    return now.replace(from, to);
  }, LINES.join("\n"));
  return parseTabularSpecification(text, "churn.json");
};

test("a specification has its defaults filled in", () => {
  expect(parse()).toEqual({
    version: 1,
    vectorizer: { feature_names: ["contract=month", "tenure"], separator: "=", dtype: "float64" },
    scaler: { kind: "standard", scale: [1, 2] },
    probabilities: "predictor",
    predictor: { single_value: "class" },
    answer: { name: "churn", classes: [false, true], threshold: 0.5 },
    records: "checked",
  });
});

test.each<[string, [string, string], string]>([
  [
    "another version",
    ['"version": 1', '"version": 3'],
    "churn.json, line 2: version: this program reads versions 1 and 2, got 3",
  ],
  ["no version", ['"version": 1,', ""], "churn.json, line 1: version: missing, expected 1"],
  ["a missing field", ['"name": "churn",', ""], "churn.json, line 10: answer.name: missing, expected string"],
  ["a missing section", ['"vectorizer"', '"vectoriser"'], "churn.json, line 1: vectorizer: missing, expected object"],
  ["a wrong type", ['"tenure"', "7"], "churn.json, line 6: vectorizer.feature_names[1]: expected string, got 7"],
  [
    "a wrong type in a choice",
    ["[false, true]", "[false, null]"],
    "churn.json, line 12: answer.classes[1]: expected string or number or boolean, got null",
  ],
  [
    "a mean of a sparse matrix",
    ['"scale": [1, 2]', '"mean": [0, 0], "sparse": true'],
    "churn.json, line 9: scaler: a sparse matrix has only standard scalers that are sparse and have no mean",
  ],
  [
    "an unknown kind of scaler",
    ["standard", "robust"],
    'churn.json, line 9: scaler.kind: expected "standard" or "min_max"',
  ],
  ["a member that is not known", ["threshold", "treshold"], "churn.json, line 13: answer.treshold: no such member"],
  [
    "a feature twice",
    ['"tenure"', '"contract=month"'],
    "churn.json, line 6: vectorizer.feature_names[1]: 'contract=month' is there twice",
  ],
  ["a scaler of another length", ["[1, 2]", "[1]"], "churn.json, line 9: scaler.scale: expected 2 values, got 1"],
  [
    "a threshold for three classes",
    ["[false, true]", '["a", "b", "c"]'],
    "churn.json, line 13: answer.threshold: a threshold decides between 2 classes, got 3",
  ],
  [
    "coefficients that are not there",
    ['"version": 1', '"version": 1, "probabilities": "coefficients"'],
    "churn.json, line 2: probabilities: 'coefficients' needs the member 'model'",
  ],
  [
    "coefficients for another vector",
    ['"version": 1', '"version": 1, "model": {"coefficients": [[1]], "intercepts": [0]}'],
    "churn.json, line 2: model.coefficients[0]: expected 2 values, got 1",
  ],
  ["a text without its quotes", ['"churn"', "churn"], "churn.json, line 11: "],
  ["a file that ends early", ['    "name"', '"'], "churn.json, line 11: "],
])("%s is told with its line", (_, change, message) => {
  const failure = (() => {
    try {
      parse(change);
    } catch (error) {
      return error as InferenceError;
    }
    return undefined;
  })();
  expect(failure?.message).toContain(message);
  expect(failure?.code).toBe("invalid_argument");
});

test("all faults are told at once, a line each", () => {
  expect(() => parse(['"name"', '"nane"'], ["0.5", "2"])).toThrow(
    /line 10: answer\.name.*\n.*line 13: answer\.threshold.*\n.*line 11: answer\.nane/,
  );
});

test("a file that holds no object is told so", () => {
  expect(() => parseTabularSpecification("[]", "x.json")).toThrow(
    "x.json, line 1: expected object, got an array of 0 values",
  );
  expect(() => parseTabularSpecification("", "x.json")).toThrow("x.json, line 1: expected object, got null");
});

test("the churn example's own specification is read", () => {
  const file = new URL("../../examples/churn/churn.json", import.meta.url);
  expect(parseTabularSpecification(readFileSync(file, "utf8"), "churn.json").answer.name).toBe("churn");
});
