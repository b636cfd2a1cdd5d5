/** What authors get wrong: the transformer as they write it, and what a message must say of it. */
export interface Mistake {
  readonly name: string;
  readonly members: string;
  readonly message: string;
}

const TENSOR = 'createTensor("x", "FP32", [1], new Float32Array(1))';

/** The wrong thing stands on the line that ends in MARK. */
export const MARK = "// wrong";

const preprocess = (statement: string) => `  preprocess(request: any): any {\n    ${statement} ${MARK}\n  }`;

export const MISTAKES: readonly Mistake[] = [
  {
    name: "a forgotten await",
    members: preprocess(`return request.withInputs([Promise.resolve(${TENSOR})]);`),
    message: "got a promise as element 0: write await before it",
  },
  {
    name: "a lone tensor",
    members: preprocess(`return request.withInputs(${TENSOR});`),
    message: "got a lone tensor: write withInputs([tensor])",
  },
  {
    name: "a wrong datatype",
    members: preprocess('return request.withInputs([createTensor("x", "FP32", [1], new Int32Array(1) as never)]);'),
    message: "tensor 'x': FP32 takes a Float32Array, got a Int32Array",
  },
  {
    name: "a wrong length",
    members: preprocess('return request.withInputs([createTensor("x", "FP32", [2, 2], new Float32Array(3))]);'),
    message: "tensor 'x': shape [2,2] takes 4 elements, got 3",
  },
  {
    name: "an exception",
    members: preprocess("return request.nothing.there;"),
    message: "Cannot read properties of undefined (reading 'there')",
  },
  {
    name: "a misspelt hook",
    members: "  preproces(request: unknown) { return request; }",
    message: "'preproces' is no hook and never runs: did you mean 'preprocess'?",
  },
];

/** A test file in which each mistake makes a test fail. */
export function mistakenTests(runner: string): string {
  const classes = MISTAKES.map(({ members }, index) => `class Mistake${index} extends Transformer {\n${members}\n}`);
  const tests = MISTAKES.map(
    ({ name, members }, index) => `test("${name}", async () => {
  const tested = testTransformer(Mistake${index}, { predictor: { predictions: [] } });
  const response = await tested.predict({ instances: [1] });${members.includes(MARK) ? "" : ` ${MARK}`}
  String(response.predictions);
});`,
  );
  return [
    `import { test } from "${runner}";`,
    'import { Transformer } from "kserve-transformer";',
    'import { createTensor } from "kserve-transformer/tensor";',
    'import { testTransformer } from "kserve-transformer/testing";',
    ...classes,
    ...tests,
    "",
  ].join("\n");
}
