import type { TensorTrace, TraceContent } from "../../../../src/playground/trace.ts";
import { jsonOf } from "../../bytes.ts";
import { elementsOf } from "../../tensor/tensor-data.ts";
import { errorMessageOf } from "../../trace/error-view.tsx";
import { compact, fileName, pictureFiles, type Snippet, type SnippetScope } from "./snippet.ts";

const MAX_INLINE = 256;

const ARRAYS: Readonly<Record<string, string>> = {
  BOOL: "Uint8Array",
  UINT8: "Uint8Array",
  UINT16: "Uint16Array",
  UINT32: "Uint32Array",
  UINT64: "BigUint64Array",
  INT8: "Int8Array",
  INT16: "Int16Array",
  INT32: "Int32Array",
  INT64: "BigInt64Array",
  FP32: "Float32Array",
  FP64: "Float64Array",
};

interface Runner {
  readonly name: string;
  readonly imports: readonly string[];
  readonly note: string;
  equal(actual: string, expected: string): string;
}

const JEST: Runner = {
  name: "jest",
  imports: [],
  note: "",
  equal: (actual, expected) => `expect(${actual}).toEqual(${expected});`,
};
const NODE: Runner = {
  name: "node:test",
  imports: ['import assert from "node:assert/strict";', 'import { test } from "node:test";'],
  note: "Run it: npx jiti ",
  equal: (actual, expected) => `assert.deepEqual(${actual}, ${expected});`,
};

export const jestSnippet = (scope: SnippetScope): Snippet | undefined => recordedTest(scope, JEST);
export const nodeTestSnippet = (scope: SnippetScope): Snippet | undefined => recordedTest(scope, NODE);

/** This run as a test: the request as it was sent, what the predictor gave as its fixture, and the response. */
function recordedTest(scope: SnippetScope, runner: Runner): Snippet | undefined {
  const { run, module, model, pictures, verb } = scope;
  const { trace } = run;
  if (trace === undefined || run.protocol !== "v1") return undefined;
  const name = model.transformer ?? "Model";
  const asksPredictor = !model.hooks.includes(verb);
  const recorded = asksPredictor ? trace.predict : undefined;
  const fixture = recorded && fixtureOf(recorded);
  if (recorded !== undefined && fixture === undefined) return undefined;
  const needsTensors = fixture?.includes("createTensor") === true;
  const file = `${module.replace(/\.[^.]+$/, "")}.recorded.test.ts`;
  const imports = [
    ...runner.imports,
    ...(pictures.length > 0 ? ['import { readFileSync } from "node:fs";'] : []),
    ...(needsTensors ? ['import { createTensor } from "kserve-transformer";'] : []),
    'import { testTransformer } from "kserve-transformer/testing";',
    `import ${name} from "./${module}";`,
  ];
  const files = pictures.map((picture) => `"${fileName(picture.name)}"`).join(", ");
  const request =
    pictures.length > 0
      ? `  const instances = [${files}].map((name) => ({
    b64: readFileSync(new URL(name, import.meta.url)).toString("base64"),
  }));
  const response = await model.${verb}({ instances });`
      : `  const response = await model.${verb}(${compact(scope.body)});`;
  const text = `${imports.join("\n")}

/** Recorded on the playground, ${new Date(trace.startedAt).toISOString().slice(0, 10)}.${runner.note && ` ${runner.note}${file}`} */
test("${run.status < 400 ? "the recorded request gets the recorded response" : `the recorded request is refused with ${run.status}`}", async () => {
${fixture === undefined ? "" : `  const predictor = ${fixture};\n`}  const model = testTransformer(${name}${fixture === undefined ? "" : ", { predictor }"});
${request}
${expectations(scope, runner, asksPredictor)}
  await model.close();
});
`;
  return { title: `Save as a test, ${runner.name}`, file, text, files: pictureFiles(scope) };
}

function expectations({ run }: SnippetScope, { equal }: Runner, asksPredictor: boolean): string {
  const status = equal("response.status", `${run.status}`);
  if (run.status >= 400) {
    const message = JSON.stringify(errorMessageOf(run));
    return `  ${status}\n  ${equal("(response.json as { error: string }).error", message)}`;
  }
  const sent = asksPredictor ? run.trace?.preprocess : undefined;
  const tensors =
    sent?.kind === "request" && sent.native === "tensors" && !("unavailable" in sent.tensors) ? sent.tensors : [];
  const shapes = tensors.map(({ name, datatype, shape }) =>
    equal(`model.sent[0]?.input(${JSON.stringify(name)}, "${datatype}").shape`, `[${shape.join(", ")}]`),
  );
  const response = equal("response.json", JSON.stringify(jsonOf(run.response)));
  return [status, ...shapes, response].map((line) => `  ${line}`).join("\n");
}

/** What `testTransformer` takes as a predictor; undefined where the response was not kept whole. */
function fixtureOf({ native, rows, tensors }: TraceContent): string | undefined {
  if (native === "tensors" && !("unavailable" in tensors)) {
    const made = tensors.map(tensorSource);
    return made.some((source) => source === undefined) ? undefined : `{ outputs: [${made.join(", ")}] }`;
  }
  if ("unavailable" in rows || rows.shown.length < rows.count) return undefined;
  return `{ predictions: ${JSON.stringify(rows.shown)} }`;
}

function tensorSource(tensor: TensorTrace): string | undefined {
  const { name, datatype, shape, texts, sent, elements, data = "" } = tensor;
  if (sent < elements) return undefined;
  const head = `createTensor(${JSON.stringify(name)}, "${datatype}", [${shape.join(", ")}], `;
  if (texts !== undefined) {
    if (texts.some((text) => text.startsWith("base64:"))) return undefined;
    return `${head}${JSON.stringify(texts)}.map((text) => new TextEncoder().encode(text)))`;
  }
  const array = ARRAYS[datatype];
  if (array === undefined) return undefined;
  if (elements > MAX_INLINE) return `${head}new ${array}(new Uint8Array(Buffer.from("${data}", "base64")).buffer))`;
  const values = [...elementsOf(tensor)].map((value) =>
    typeof value === "bigint" ? `${value}n` : Object.is(value, -0) ? "-0" : String(value),
  );
  return `${head}${array}.of(${values.join(", ")}))`;
}
