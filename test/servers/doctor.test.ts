import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compareTranscript } from "../docs/doctor-transcript.ts";
import { type ServerName, startServer } from "./start-server.ts";

const cwd = mkdtempSync(join(tmpdir(), "doctor-servers-"));
afterAll(() => rmSync(cwd, { recursive: true }));

const churn = new URL("../../examples/churn/expected.json", import.meta.url);
const CUSTOMER = JSON.stringify({ instances: JSON.parse(readFileSync(churn, "utf8")).vectors.slice(0, 1) });
const DOUBLE = '{"inputs":[{"name":"INPUT0","datatype":"FP64","shape":[2],"data":[1.5,2.5]}]}';

interface Asked {
  readonly model: string;
  readonly input: string;
}

test.each<[ServerName, Asked]>([
  ["kserve", { model: "churn", input: CUSTOMER }],
  ["mlserver", { model: "echo", input: DOUBLE }],
  ["triton", { model: "echo_fp64", input: DOUBLE }],
  ["torchserve", { model: "churn", input: CUSTOMER }],
])("the transcript of %s in docs/doctor.md is what the command prints", async (name, { model, input }) => {
  const server = await startServer(name);
  try {
    writeFileSync(join(cwd, "request.json"), input);
    const url = server.url.replace("127.0.0.1", "localhost");
    const flags = ["--model_name", model, "--input", "request.json"];
    await compareTranscript(name, { url, shown: "http://localhost:8080", flags, cwd });
  } finally {
    await server.stop();
  }
});
