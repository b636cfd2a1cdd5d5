import type { TensorTrace } from "../../../../src/playground/trace.ts";
import { elementsOf } from "../../tensor/tensor-data.ts";
import { compact, fileName, pictureFiles, type Snippet, type SnippetScope, sendsPictures } from "./snippet.ts";

const MAX_INLINE = 2000;

/** With the library requests: V1, V2 and OpenAI's JSON. */
export function requestsSnippet(scope: SnippetScope): Snippet {
  const { run, url, hasKey, body } = scope;
  const imports = ["import requests"];
  const lines: string[] = [];
  let json: string;
  if (sendsPictures(scope)) {
    imports.unshift("import base64");
    const files = scope.pictures.map(({ name }) => JSON.stringify(fileName(name))).join(", ");
    lines.push(
      `files = [${files}]`,
      `rows = [{"b64": base64.b64encode(open(name, "rb").read()).decode()} for name in files]`,
    );
    json = '{"instances": rows}';
  } else {
    const isJson = run.protocol !== "v2-binary" && run.protocol !== "grpc";
    json = pythonOfJson(isJson ? new TextDecoder().decode(bytesOf(scope)) : body);
  }
  if (hasKey) imports.unshift("import os");
  const headers = hasKey ? ', headers={"x-api-key": os.environ["API_KEY"]}' : "";
  const path =
    run.protocol === "v2-binary" || run.protocol === "grpc" ? `/v1/models/${scope.model.name}:${scope.verb}` : run.path;
  const text = [
    ...imports,
    "",
    ...lines,
    `response = requests.post(${JSON.stringify(url + path)}, json=${json}${headers})`,
    "if not response.ok:",
    "    raise SystemExit(response.text)",
    "print(response.json())",
    "",
  ].join("\n");
  return {
    title: "Python, requests",
    file: "request.py",
    text,
    files: sendsPictures(scope) ? pictureFiles(scope) : [],
  };
}

function bytesOf({ run }: SnippetScope): Uint8Array {
  return Uint8Array.from(atob(run.request.base64), (character) => character.charCodeAt(0));
}

const NUMPY: Readonly<Record<string, string>> = {
  BOOL: "bool",
  UINT8: "uint8",
  UINT16: "uint16",
  UINT32: "uint32",
  UINT64: "uint64",
  INT8: "int8",
  INT16: "int16",
  INT32: "int32",
  INT64: "int64",
  FP16: "float16",
  FP32: "float32",
  FP64: "float64",
  BYTES: "object_",
};

/** With tritonclient, over HTTP or gRPC: the columns of the request. Undefined where it has none, or too many elements. */
export function tritonSnippet(scope: SnippetScope): Snippet | undefined {
  const { run, model, hasKey } = scope;
  const received = run.trace?.received;
  if (received === undefined || "unavailable" in received.tensors) return undefined;
  const isGrpc = run.protocol === "grpc";
  const arrays = received.tensors.map((tensor) => arrayOf(tensor, scope));
  if (arrays.some((array) => array === undefined)) return undefined;
  const host = new URL(scope.url).host;
  const key = hasKey ? ', headers={"x-api-key": os.environ["API_KEY"]}' : "";
  const text = [
    ...(hasKey ? ["import os", ""] : []),
    "import numpy as np",
    `import tritonclient.${isGrpc ? "grpc" : "http"} as triton`,
    "",
    `client = triton.InferenceServerClient(${JSON.stringify(host)})`,
    "inputs = []",
    ...received.tensors.flatMap(({ name, shape, datatype }, index) => [
      `array = ${arrays[index]}`,
      `inputs.append(triton.InferInput(${JSON.stringify(name)}, [${shape.join(", ")}], "${datatype}"))`,
      "inputs[-1].set_data_from_numpy(array)",
    ]),
    `result = client.infer(${JSON.stringify(model.name)}, inputs${key})`,
    isGrpc ? "for output in result.get_response().outputs:" : 'for output in result.get_response()["outputs"]:',
    isGrpc
      ? "    print(output.name, result.as_numpy(output.name))"
      : '    print(output["name"], result.as_numpy(output["name"]))',
    "",
  ].join("\n");
  return {
    title: "Python, tritonclient",
    file: "infer.py",
    text,
    files: readsPictures(scope) ? pictureFiles(scope) : [],
  };
}

function readsPictures({ pictures, run }: SnippetScope): boolean {
  return pictures.length > 0 && run.trace?.received !== undefined;
}

function arrayOf(tensor: TensorTrace, scope: SnippetScope): string | undefined {
  const { datatype, shape, texts, elements } = tensor;
  const type = NUMPY[datatype];
  if (type === undefined) return undefined;
  const reshaped = `.reshape(${shape.join(", ")}${shape.length === 1 ? "," : ""})`;
  if (texts !== undefined) {
    if (readsPictures(scope)) {
      const files = scope.pictures.map(({ name }) => `open(${JSON.stringify(fileName(name))}, "rb").read()`);
      return `np.array([${files.join(", ")}], dtype=np.${type})`;
    }
    if (texts.length < elements || texts.some((text) => text.startsWith("base64:"))) return undefined;
    return `np.array(${JSON.stringify(texts)}, dtype=np.${type})${reshaped}`;
  }
  if (elements > MAX_INLINE) return undefined;
  const values = [...elementsOf(tensor)].map((value) => pythonNumber(value));
  return `np.array([${values.join(", ")}], dtype=np.${type})${reshaped}`;
}

/** The numbers as they are written: Python tells 255.0 from 255. */
function pythonOfJson(text: string): string {
  const words: Readonly<Record<string, string>> = { true: "True", false: "False", null: "None", ",": ", ", ":": ": " };
  return compact(text).replace(/"(?:[^"\\]|\\.)*"|true|false|null|[,:]/g, (token) =>
    token.startsWith('"') ? JSON.stringify(JSON.parse(token)) : (words[token] ?? token),
  );
}

function pythonNumber(value: number | bigint): string {
  if (typeof value === "number" && !Number.isFinite(value)) {
    return Number.isNaN(value) ? "np.nan" : value > 0 ? "np.inf" : "-np.inf";
  }
  return String(value);
}
