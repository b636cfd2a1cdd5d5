// Packs the recorded V1 and V2 REST exchanges of real servers for the tests: node scripts/pack-wire.mjs [../shared/wire]
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

const [wire = "../shared/wire"] = process.argv.slice(2);
const target = new URL("../test/fixtures/wire/", import.meta.url);
mkdirSync(target, { recursive: true });

for (const server of ["triton", "kserve", "mlserver", "torchserve", "clients"]) {
  const folder = join(wire, server);
  const recordings = readdirSync(folder)
    .filter((file) => file.endsWith(".json") && file !== "index.json" && !file.includes("grpc"))
    .sort()
    .map((file) => pack(folder, file.slice(0, -".json".length)))
    .filter(({ path }) => path.includes("infer") || path.includes(":predict") || path.includes(":explain"));
  writeFileSync(new URL(`${server}.json.gz`, target), gzipSync(JSON.stringify(recordings), { level: 9 }));
  process.stdout.write(`${server}: ${recordings.length} recordings\n`);
}

function pack(folder, name) {
  const recorded = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8"));
  // A client's whole request is one list: the request line, then the headers.
  const [requestLine = "", ...lines] = recorded.request_line_and_headers ?? [];
  const clientHeaders = lines.map((line) => [
    line.slice(0, line.indexOf(":")),
    line.slice(line.indexOf(":") + 1).trim(),
  ]);
  const bytes = (part) => {
    const file = join(folder, `${name}.${part}.bin`);
    if (!existsSync(file)) return undefined;
    const content = readFileSync(file);
    const head = lines.length > 0 ? content.indexOf("\r\n\r\n") + 4 : 0;
    return content.subarray(head).toString("base64");
  };
  return {
    case: name,
    kind: recorded.kind,
    client: recorded.client,
    note: recorded.note,
    path: recorded.path ?? requestLine.split(" ")[1] ?? "",
    status: recorded.status,
    requestHeaders: lowerCase(recorded.request_headers ?? clientHeaders),
    responseHeaders: lowerCase(recorded.response_headers ?? []),
    requestTensors: recorded.request_tensors,
    responseTensors: recorded.response_tensors,
    request: bytes("request"),
    response: bytes("response"),
  };
}

/** Headers by lower-case name; one that came twice is joined as node:http joins it. */
function lowerCase(headers) {
  const found = {};
  for (const [name, value] of headers) {
    const key = name.toLowerCase();
    found[key] = key in found ? `${found[key]}, ${value}` : value;
  }
  return found;
}
