import { type Environment, toFlagEnvironment } from "../../../src/cli/flags/environment.ts";
import { parseFlags } from "../../../src/cli/flags/parse-flags.ts";
import { resolvePredictorChoice } from "../../../src/cli/serve/predictor-choice.ts";
import { SERVE_FLAGS } from "../../../src/contract/flags.ts";
import { parsePredictorAddress } from "../../../src/predictor/predictor-address.ts";

function choose(argv: string[], env: Environment = {}) {
  return resolvePredictorChoice(parseFlags(SERVE_FLAGS, argv, toFlagEnvironment(env)).values, env, "/work");
}

/** Where the predictor client will go. */
function address(argv: string[], env: Environment = {}): string {
  const choice = choose(argv, env);
  if (choice === undefined) throw new Error("no predictor");
  const { origin, basePath } = parsePredictorAddress(choice.target, choice.options.useSsl);
  return origin + basePath;
}

test("without a name there is no predictor", () => {
  expect(choose([])).toBeUndefined();
});

test("--predictor none beats the host that the controller appends", () => {
  expect(choose(["--predictor", "none", "--predictor_host", "basic-predictor.lab"])?.target).toBe("none");
});

test("an embedded model is found from the working folder", () => {
  expect(choose(["--predictor=onnx:./m.onnx", "--predictor_host", "x", "--predictor_model_name", "m"])).toEqual({
    target: "onnx:/work/m.onnx",
    options: { modelName: "model", predictorModelName: "m" },
  });
});

test.each([
  [["--predictor_host", "basic-predictor.lab"], {}, "http://basic-predictor.lab"],
  [["--predictor_host", "localhost:8501"], {}, "http://localhost:8501"],
  [["--predictor_host", "https://models.example.com/clothes"], {}, "https://models.example.com/clothes"],
  [["--predictor", "http://localhost:8501"], {}, "http://localhost:8501"],
  [["--predictor", "http://localhost:8501", "--predictor_use_ssl"], {}, "http://localhost:8501"],
  [["--predictor_host", "h", "--predictor_port", "8085"], {}, "http://h:8085"],
  [["--predictor_host", "h:81", "--predictor_port", "8085"], {}, "http://h:81"],
  [["--predictor_host", "http://h", "--predictor_port", "8085"], {}, "http://h"],
  [["--predictor_host", "::1", "--predictor_port", "8085"], {}, "http://[::1]:8085"],
  [["--predictor_host", "[::1]:81"], {}, "http://[::1]:81"],
  [["--predictor_host", "[::1]"], { PREDICTOR_PORT: "82" }, "http://[::1]:82"],
  [[], { PREDICTOR_HOST: "h", PREDICTOR_PORT: "8443", PREDICTOR_PROTOCOL: "https" }, "https://h:8443"],
  [["--predictor_host", "flag", "--predictor_use_ssl", "true"], { PREDICTOR_HOST: "env" }, "https://flag"],
])("%j with %j calls %s %s", (argv, env, expected) => {
  expect(address(argv, env)).toBe(expected);
});

test("settings reach the client in its units", () => {
  const argv = `--predictor_host h --protocol v2 --predictor_model_name m --predictor_binary off
    --predictor_request_timeout_seconds 1.5 --predictor_refresh_seconds 2.5
    --predictor_request_retries 2 --max_response_bytes 10`;
  expect(choose(argv.split(/\s+/))).toEqual({
    target: "h",
    options: {
      modelName: "model",
      protocol: "v2",
      useSsl: false,
      ca: undefined,
      predictorModelName: "m",
      binary: "off",
      v1Form: "auto",
      requestTimeoutMs: 1500,
      refreshIntervalMs: 2500,
      retries: 2,
      maxResponseBytes: 10,
    },
  });
});

test.each([
  ["--predictor_host h --predictor_binary on", "v1", "v2, grpc-v2, auto"],
  ["--predictor_host h --protocol grpc-v1 --predictor_binary off", "grpc-v1", "v2, grpc-v2, auto"],
  ["--predictor onnx:m.onnx --protocol v2 --predictor_binary on", "onnx", "v2, grpc-v2, auto"],
  ["--predictor none --protocol v2 --predictor_binary on", "none", "v2, grpc-v2, auto"],
  ["--predictor_host h --protocol v2 --predictor_v1_form rows", "v2", "v1, auto"],
  ["--predictor_host h --protocol grpc-v1 --predictor_v1_form columns", "grpc-v1", "v1, auto"],
])("%s is refused: it would have no effect on %s", (line, predictor, expected) => {
  const argv = line.split(" ");
  const [flag, form] = argv.slice(-2);
  const message = `${flag} ${form} has no effect on the predictor (${predictor}): it goes with --predictor_protocol ${expected}`;
  expect(() => choose(argv)).toThrow(expect.objectContaining({ code: "invalid_argument", message }));
  expect(() => choose([...argv.slice(0, -1), "auto"])).not.toThrow();
});

test.each([
  ["--protocol v1 --predictor_v1_form columns", { v1Form: "columns" }],
  ["--protocol grpc-v2 --predictor_binary off", { binary: "off" }],
  ["--protocol auto --predictor_binary on --predictor_v1_form rows", { binary: "on", v1Form: "rows" }],
])("%s reaches the predictor", (line, options) => {
  expect(choose(["--predictor_host", "h", ...line.split(" ")])?.options).toMatchObject(options);
});

test("certificates are read only for a predictor over TLS", () => {
  const env = { REQUESTS_CA_BUNDLE: "/no/such.pem" };
  expect(choose(["--predictor_host", "h"], env)?.options.ca).toBeUndefined();
  expect(() => choose(["--predictor_host", "h", "--predictor_use_ssl"], env)).toThrow("REQUESTS_CA_BUNDLE");
  expect(() => choose(["--predictor", "https://h"], env)).toThrow("REQUESTS_CA_BUNDLE");
});
