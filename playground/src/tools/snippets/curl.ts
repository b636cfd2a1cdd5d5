import {
  fileName,
  pictureFiles,
  requestBytes,
  type Snippet,
  type SnippetScope,
  sendsPictures,
  shellQuote,
} from "./snippet.ts";

/** A longer body goes into a file. */
const MAX_INLINE = 3000;

export function curlSnippet(scope: SnippetScope): Snippet {
  const { run, url, hasKey } = scope;
  const key = hasKey ? [`-H "x-api-key: $API_KEY"`] : [];
  const made = { title: "curl", file: "request.sh" };
  if (run.protocol === "grpc") {
    const command = [
      `curl --http2-prior-knowledge ${url}${run.path}`,
      `-H 'content-type: application/grpc' -H 'te: trailers'`,
      ...key,
      "--data-binary @request.grpc --output response.grpc",
    ];
    return { ...made, text: lines(command), files: [{ name: "request.grpc", bytes: framed(requestBytes(scope)) }] };
  }
  const headers = Object.entries(run.request.headers).map(([name, value]) => `-H ${shellQuote(`${name}: ${value}`)}`);
  const head = [`curl ${url}${run.path}`, ...headers, ...key];
  if (sendsPictures(scope)) {
    return {
      ...made,
      text: `${pictureBody(scope)} |\n${lines([...head, "--data-binary @-"])}`,
      files: pictureFiles(scope),
    };
  }
  const text = new TextDecoder().decode(requestBytes(scope));
  const isBinary = "inference-header-content-length" in run.request.headers;
  if (!isBinary && text.length <= MAX_INLINE)
    return { ...made, text: lines([...head, `-d ${shellQuote(text)}`]), files: [] };
  const name = isBinary ? "request.bin" : "request.json";
  const output = isBinary ? " --output response.bin" : "";
  return {
    ...made,
    text: lines([...head, `--data-binary @${name}${output}`]),
    files: [{ name, bytes: requestBytes(scope) }],
  };
}

/** Reads each picture where it is sent, so that a command is short and no argument too long. */
function pictureBody({ pictures }: SnippetScope): string {
  const rows = pictures.map(({ name }) => `base64 < ${fileName(name)} | tr -d '\\n'`);
  return `{ printf '{"instances": [{"b64": "'; ${rows.join(`; printf '"}, {"b64": "'; `)}; printf '"}]}'; }`;
}

function lines(parts: readonly string[]): string {
  return parts.join(" \\\n  ");
}

/** gRPC's prefix: not compressed, and the length. */
function framed(message: Uint8Array): Uint8Array<ArrayBuffer> {
  const frame = new Uint8Array(5 + message.length);
  new DataView(frame.buffer).setUint32(1, message.length);
  frame.set(message, 5);
  return frame;
}
