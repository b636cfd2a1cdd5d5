import { parseFlags } from "../../../src/cli/flags/parse-flags.ts";
import { SERVE_FLAGS } from "../../../src/contract/flags.ts";

describe("spellings and forms", () => {
  test.each([
    [["--model_name", "clothes"]],
    [["--model_name=clothes"]],
    [["--model-name", "clothes"]],
    [["--model-name=clothes"]],
  ])("%j names the model", (argv) => {
    const { values, positionals, unknown, notes } = parseFlags(SERVE_FLAGS, argv);
    expect(values.model_name).toBe("clothes");
    expect({ positionals, unknown, notes }).toEqual({ positionals: [], unknown: [], notes: [] });
  });

  test("the arguments that the controller appends are read", () => {
    const argv = [
      "--model_name",
      "basic",
      "--predictor_host",
      "basic-predictor.lab",
      "--http_port",
      "8080",
      "--workers",
      "8",
    ];
    const { values, unknown } = parseFlags(SERVE_FLAGS, argv);
    expect(values).toMatchObject({
      model_name: "basic",
      predictor_host: "basic-predictor.lab",
      http_port: 8080,
      workers: 8,
    });
    expect(unknown).toEqual([]);
  });

  test("a value may hold an equals sign and may look like a flag after an equals sign", () => {
    const { values } = parseFlags(SERVE_FLAGS, ["--predictor=http://h/?a=b", "--access_log_format=--x"]);
    expect(values.predictor).toBe("http://h/?a=b");
    expect(values.access_log_format).toBe("--x");
  });

  test("Python's own flags with dashes are known", () => {
    const { values, unknown } = parseFlags(SERVE_FLAGS, ["--timeout-keep-alive", "70", "--event-loop=uvloop"]);
    expect(values).toMatchObject({ timeout_keep_alive: 70, event_loop: "uvloop" });
    expect(unknown).toEqual([]);
  });

  test("--protocol is --predictor_protocol", () => {
    expect(parseFlags(SERVE_FLAGS, ["--protocol", "v2"]).values.predictor_protocol).toBe("v2");
    expect(parseFlags(SERVE_FLAGS, ["--protocol=v2"]).values).not.toHaveProperty("protocol");
  });

  test("everything after -- is positional", () => {
    expect(parseFlags(SERVE_FLAGS, ["a.ts", "--", "--http_port", "-"]).positionals).toEqual([
      "a.ts",
      "--http_port",
      "-",
    ]);
  });

  test("a flag named like a member of every object is unknown, not found", () => {
    expect(parseFlags(SERVE_FLAGS, ["--constructor", "x", "--__proto__=y"]).unknown).toEqual([
      "--constructor",
      "--__proto__",
    ]);
  });
});

describe("booleans", () => {
  test.each([
    [["--predictor_use_ssl"], true],
    [["--predictor_use_ssl", "true"], true],
    [["--predictor_use_ssl", "True"], true],
    [["--predictor-use-ssl=1"], true],
    [["--predictor_use_ssl", "false"], false],
    [["--predictor_use_ssl=no"], false],
    [[], false],
  ])("%j reads as %s", (argv, expected) => {
    const { values, positionals } = parseFlags(SERVE_FLAGS, argv);
    expect(values.predictor_use_ssl).toBe(expected);
    expect(positionals).toEqual([]);
  });

  test("a boolean without a value leaves the file behind it alone", () => {
    const { values, positionals } = parseFlags(SERVE_FLAGS, ["--check_rows", "clothing.ts"]);
    expect(values.check_rows).toBe(true);
    expect(positionals).toEqual(["clothing.ts"]);
  });

  test("an empty value of a boolean is refused, not taken as true", () => {
    expect(() => parseFlags(SERVE_FLAGS, ["--check_rows="])).toThrow('--check_rows expects true or false, got ""');
  });
});

describe("unknown flags", () => {
  test("each is told once and takes its value with it", () => {
    const argv = [
      "clothing.ts",
      "--gpu",
      "yes",
      "--gpu=no",
      "-x",
      "1",
      "--verbose",
      "--http_port",
      "81",
      "--offset",
      "-1",
    ];
    const { values, positionals, unknown } = parseFlags(SERVE_FLAGS, argv);
    expect(unknown).toEqual(["--gpu", "-x", "--verbose", "--offset"]);
    expect(positionals).toEqual(["clothing.ts"]);
    expect(values.http_port).toBe(81);
  });

  test("their values are not repeated", () => {
    expect(JSON.stringify(parseFlags(SERVE_FLAGS, ["--api_key=hush", "--token", "hush"]))).not.toContain("hush");
  });
});

describe("values that cannot be", () => {
  test.each([
    [["--http_port", "eighty"], '--http_port expects a whole number from 0 to 65535, got "eighty"'],
    [["--http-port=70000"], '--http-port expects a whole number from 0 to 65535, got "70000"'],
    [["--http_port", "80.5"], '--http_port expects a whole number from 0 to 65535, got "80.5"'],
    [["--http_port", "0x50"], '--http_port expects a whole number from 0 to 65535, got "0x50"'],
    [["--http_port"], "--http_port expects a whole number from 0 to 65535, got nothing"],
    [["--http_port", "--workers"], "--http_port expects a whole number from 0 to 65535, got nothing"],
    [["--max_body_bytes", "-5"], '--max_body_bytes expects a whole number of at least 1, got "-5"'],
    [["--protocol", "v3"], expect.stringMatching(/^--protocol expects one of v1, v2, .*, got "v3"$/)],
    [["--predictor_use_ssl=maybe"], '--predictor_use_ssl expects true or false, got "maybe"'],
  ])("%j is refused in plain words", (argv, message) => {
    expect(() => parseFlags(SERVE_FLAGS, argv)).toThrow(expect.objectContaining({ message, code: "invalid_argument" }));
  });

  test("a variable is named as such", () => {
    expect(() => parseFlags(SERVE_FLAGS, [], { PREDICTOR_PORT: "http" })).toThrow(
      'environment variable PREDICTOR_PORT expects a whole number from 1 to 65535, got "http"',
    );
  });
});

describe("precedence", () => {
  test("flag, then environment, then default", () => {
    const env = { INFERENCE_SERVICE_NAME: "from-env", PREDICTOR_HOST: "env-host" };
    const { values, given } = parseFlags(SERVE_FLAGS, ["--model_name", "from-flag"], env);
    expect(values).toMatchObject({ model_name: "from-flag", predictor_host: "env-host", http_port: 8080 });
    expect([...given].sort()).toEqual(["model_name", "predictor_host"]);
  });

  test("an empty variable and an empty text say nothing", () => {
    const { values, given } = parseFlags(SERVE_FLAGS, ["--model_name="], {
      INFERENCE_SERVICE_NAME: " ",
      PREDICTOR_HOST: "",
      PREDICTOR_USE_SSL: "",
    });
    expect(values).toMatchObject({ model_name: "model", predictor_host: undefined });
    expect(given.size).toBe(0);
  });

  test("a wrong variable does not matter where the flag is given", () => {
    const { values } = parseFlags(SERVE_FLAGS, ["--predictor_port", "81"], { PREDICTOR_PORT: "http" });
    expect(values.predictor_port).toBe(81);
  });

  test("of one flag given twice the last counts, and it is said", () => {
    const { values, notes } = parseFlags(SERVE_FLAGS, ["--http_port", "1", "--http_port=2", "--http_port", "2"]);
    expect(values.http_port).toBe(2);
    expect(notes).toEqual(["--http_port 2 counts, --http_port 1 does not: the flag was given twice"]);
  });

  test("the user's --model-name beats the --model_name that the controller appends", () => {
    const { values, notes } = parseFlags(SERVE_FLAGS, ["--model-name", "clothes", "--model_name", "isvc"]);
    expect(values.model_name).toBe("clothes");
    expect(notes).toEqual(["--model-name clothes counts, --model_name isvc does not: the flag was given twice"]);
  });
});

test("a list is separated by commas", () => {
  const { values } = parseFlags(SERVE_FLAGS, [], { IMAGE_ALLOW: " cdn.internal, 10.0.0.0/8 ,," });
  expect(values.image_allow).toEqual(["cdn.internal", "10.0.0.0/8"]);
});
