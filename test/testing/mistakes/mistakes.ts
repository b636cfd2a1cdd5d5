/** What authors get wrong: the module as they write it, and what a message must say of it. */
export interface Mistake {
  readonly name: string;
  /** The class's members. The wrong thing stands on the line that ends in MARK. */
  readonly members: string;
  readonly message: string;
  /** Whom the author asks for. @default the model that there is */
  readonly modelName?: string;
}

const TENSOR = 'createTensor("x", "FP32", [1], new Float32Array(1))';

export const MARK = "// wrong";

const preprocess = (statement: string) =>
  `  override preprocess(request: InferRequest): InferRequest {\n    ${statement} ${MARK}\n  }`;

export const MISTAKES: readonly Mistake[] = [
  {
    name: "forgotten-await",
    members: preprocess(`return request.withInputs([Promise.resolve(${TENSOR}) as never]);`),
    message: "got a promise as element 0: write await before it",
  },
  {
    name: "lone-tensor",
    members: preprocess(`return request.withInputs(${TENSOR} as never);`),
    message: "got a lone tensor: write withInputs([tensor])",
  },
  {
    name: "wrong-datatype",
    members: preprocess('return request.withInputs([createTensor("x", "FP32", [1], new Int32Array(1) as never)]);'),
    message: "tensor 'x': FP32 takes a Float32Array, got a Int32Array",
  },
  {
    name: "wrong-length",
    members: preprocess('return request.withInputs([createTensor("x", "FP32", [2, 2], new Float32Array(3))]);'),
    message: "tensor 'x': shape [2,2] takes 4 elements, got 3",
  },
  {
    name: "misspelt-hook",
    members: `  preproces(request: InferRequest): InferRequest { ${MARK}\n    return request;\n  }`,
    message: "'preproces' is no hook and never runs: did you mean 'preprocess'?",
  },
  {
    name: "exception",
    members: preprocess("return (request as never as { nothing: { there: InferRequest } }).nothing.there;"),
    message: "Cannot read properties of undefined (reading 'there')",
  },
  {
    name: "nothing-returned",
    members: `  override preprocess(request: InferRequest): InferRequest { ${MARK}\n    return request.instances.length as never;\n  }`,
    message: "Mistaken.preprocess must return an InferRequest or request.reply(…), got 1",
  },
  {
    name: "wrong-model-name",
    members: "",
    modelName: "modle",
    message: "model 'modle' does not exist: did you mean 'model'?",
  },
];

export const moduleText = ({ members }: Mistake): string =>
  `import { type InferRequest, Transformer } from "kserve-transformer";
import { createTensor } from "kserve-transformer/tensor";

export const used: readonly unknown[] = [createTensor, {} as InferRequest];
export default class Mistaken extends Transformer {
${members}
}
`;

/** A test file in which the mistake of the module beside it makes a test fail. */
export const testText = ({ name, modelName = "model" }: Mistake, runner: string): string => `
import { test } from "${runner}";
import { testTransformer, v1Request } from "kserve-transformer/testing";
import Mistaken from "./${name}.ts";

test("${name}", async () => {
  const tested = testTransformer(Mistaken, { predictor: { predictions: [] } });
  const request = { ...v1Request({ instances: [1] }), path: "/v1/models/${modelName}:predict" };
  const response = await tested.predict(request);
  String(response.predictions);${modelName === "model" ? "" : ` ${MARK}`}
});
`;

/** Where the wrong thing stands, as messages name it: `name.ts:7`. */
export function placeIn(file: string, text: string): string | undefined {
  const index = text.split("\n").findIndex((line) => line.endsWith(MARK));
  return index < 0 ? undefined : `${file}:${index + 1}`;
}
