import { describeUnknownFlag } from "../../../src/cli/flags/unknown-flags.ts";
import { SERVE_FLAGS } from "../../../src/contract/flags.ts";

test.each([
  ["--port", "http_port"],
  ["-p", "http_port"],
  ["--model", "model_name"],
  ["--name", "model_name"],
  ["--predictor-url", "predictor_host"],
  ["--predictor-hots", "predictor_host"],
])("%s is told as --%s", (written, meant) => {
  expect(describeUnknownFlag(written, SERVE_FLAGS)).toBe(`${written} is not known here: did you mean --${meant}?`);
});

test("a flag of another server is told only where the command has what it stands for", () => {
  expect(describeUnknownFlag("--port", { url: { type: "text", description: "" } })).toBe("--port is not known here");
});
