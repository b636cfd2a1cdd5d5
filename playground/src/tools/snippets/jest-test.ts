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

/** This run as a jest test: the request as it was sent, what the predictor answered as its fixture, and the response. */
export function jestSnippet(scope: SnippetScope): Snippet | undefined {
  const { run, module, model, pictures, verb } = scope;
  const { trace } = run;
  if (trace === undefined || run.protocol !== "v1") return undefined;
  const name = model.transformer ?? "Model";
  const recorded = model.hooks.includes(verb) ? undefined : trace.predict;
  const fixture = recorded && fixtureOf(recorded);
  const needsTensors = fixture?.includes("createTensor") === true;
  const imports = [
    ...(pictures.length > 0 ? ['import { readFileSync } from "node:fs";'] : []),
    ...(needsTensors ? ['import { createTensor } from "kserve-transformer";'] : []),
    'import { testTransformer } from "kserve-transformer/testing";',
    `import ${name} from "./${module}";`,
  ];
  const files = pictures.map(({ name: file }) => `"${fileName(file)}"`).join(", ");
  const request =
    pictures.length > 0
      ? `  const instances = [${files}].map((name) => ({
    b64: readFileSync(new URL(name, import.meta.url)).toString("base64"),
  }));
  const response = await model.${verb}({ instances });`
      : `  const response = await model.${verb}(${compact(scope.body)});`;
  const text = `${imports.join("\n")}

/** Recorded on the playground, ${new Date(trace.startedAt).toISOString().slice(0, 10)}. */
test("${run.status < 400 ? "the recorded request gets the recorded response" : `the recorded request is refused with ${run.status}`}", async () => {
${fixture === undefined ? "" : `  const predictor = ${fixture};\n`}  const model = testTransformer(${name}${fixture === undefined ? "" : ", { predictor }"});
${request}
${expectations(scope)}
  await model.close();
});
`;
  const base = module.replace(/\.[^.]+$/, "");
  return { title: "Save as a test", file: `${base}.recorded.test.ts`, text, files: pictureFiles(scope) };
}

function expectations({ run }: SnippetScope): string {
  if (run.status >= 400) {
    const message = errorMessageOf(run);
    return `  expect(response.status).toBe(${run.status});
  expect(response.json).toMatchObject({ error: ${JSON.stringify(message)} });`;
  }
  const sent = run.trace?.preprocess;
  const shapes =
    sent?.kind === "request" && sent.native === "tensors" && !("unavailable" in sent.tensors)
      ? sent.tensors.map(
          ({ name, datatype, shape }) =>
            `  expect(model.sent[0]?.input(${JSON.stringify(name)}, "${datatype}").shape).toEqual([${shape.join(", ")}]);\n`,
        )
      : [];
  return `  expect(response.status).toBe(200);
${shapes.join("")}  expect(response.json).toEqual(${JSON.stringify(jsonOf(run.response))});`;
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
  const values = [...elementsOf(tensor)].map((value) => (typeof value === "bigint" ? `${value}n` : String(value)));
  return `${head}${array}.of(${values.join(", ")}))`;
}
