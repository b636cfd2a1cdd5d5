import {
  compact,
  fileName,
  hasOtherNumbers,
  pictureFiles,
  requestBytes,
  type Snippet,
  type SnippetScope,
  sendsPictures,
} from "./snippet.ts";

const MAX_INLINE = 3000;

/** Node, Deno, Bun and browsers have fetch. Binary forms are sent from the file. */
export function typescriptSnippet(scope: SnippetScope): Snippet {
  const { run, url, hasKey } = scope;
  if (run.protocol === "grpc") return grpcSnippet(scope);
  const headers = Object.entries(run.request.headers).map(([name, value]) => `"${name}": ${JSON.stringify(value)}`);
  if (hasKey) headers.push('"x-api-key": process.env["API_KEY"] ?? ""');
  const text = new TextDecoder().decode(requestBytes(scope));
  const isBinary = "inference-header-content-length" in run.request.headers;
  const imports: string[] = [];
  let body: string;
  let files = pictureFiles(scope);
  if (sendsPictures(scope)) {
    imports.push('import { readFileSync } from "node:fs";', "");
    const names = scope.pictures.map(({ name }) => JSON.stringify(fileName(name))).join(", ");
    imports.push(`const instances = [${names}].map((name) => ({ b64: readFileSync(name).toString("base64") }));`);
    body = "JSON.stringify({ instances })";
  } else if (isBinary || text.length > MAX_INLINE) {
    const name = isBinary ? "request.bin" : "request.json";
    imports.push('import { readFileSync } from "node:fs";', "");
    body = `readFileSync("${name}")`;
    files = [{ name, bytes: requestBytes(scope) }];
  } else {
    body = hasOtherNumbers(text) ? JSON.stringify(compact(text)) : `JSON.stringify(${compact(text)})`;
    files = [];
  }
  const read = isBinary ? "new Uint8Array(await response.arrayBuffer())" : "await response.json()";
  const lines = [
    ...imports,
    `const response = await fetch(${JSON.stringify(url + run.path)}, {`,
    '  method: "POST",',
    `  headers: { ${headers.join(", ")} },`,
    `  body: ${body},`,
    "});",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the reader of the snippet fills it in
    "if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);",
    `console.log(${read});`,
    "",
  ];
  return { title: "TypeScript", file: "request.ts", text: lines.join("\n"), files };
}

/** @grpc/grpc-js with bytes as they are: no generated code. */
function grpcSnippet(scope: SnippetScope): Snippet {
  const { run, url } = scope;
  const text = `import { readFileSync } from "node:fs";
import { Client, credentials } from "@grpc/grpc-js";

const client = new Client(${JSON.stringify(new URL(url).host)}, credentials.createInsecure());
const bytes = (buffer: Buffer) => buffer;
client.makeUnaryRequest("${run.path}", bytes, bytes, readFileSync("request.pb"), (error, response) => {
  if (error) throw error;
  console.log(response);
  client.close();
});
`;
  return { title: "TypeScript", file: "request.ts", text, files: [{ name: "request.pb", bytes: requestBytes(scope) }] };
}
