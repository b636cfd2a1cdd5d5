import { parseFlagValue } from "../../src/cli/flags/parse-flag-value.ts";
import type { FlagTable } from "../../src/contract/flag.ts";
import { INJECTED_FLAGS, SERVE_FLAGS } from "../../src/contract/flags.ts";
import { KSERVE_FLAGS } from "../../src/contract/kserve-flags.ts";
import { OWN_FLAGS } from "../../src/contract/own-flags.ts";
import { DEFAULT_LIMITS } from "../../src/protocol/limits.ts";

const TABLE: FlagTable = SERVE_FLAGS;

test("no flag of ours begins with one that the controller looks for by prefix", () => {
  const clashes = Object.keys(OWN_FLAGS).filter((name) => INJECTED_FLAGS.some((injected) => name.startsWith(injected)));
  expect(clashes).toEqual([]);
  for (const injected of INJECTED_FLAGS) expect(KSERVE_FLAGS).toHaveProperty(injected);
});

test("no flag stands in both tables, and no alias is a flag", () => {
  expect(Object.keys(OWN_FLAGS).filter((name) => name in KSERVE_FLAGS)).toEqual([]);
  for (const { alias } of Object.values(TABLE)) if (alias !== undefined) expect(TABLE).not.toHaveProperty(alias);
});

test("every flag of KServe's model server is accepted", () => {
  const names = `http_port grpc_port workers max_threads max_asyncio_workers enable_grpc enable_docs_url enable_latency_logging
    configure_logging log_config_file access_log_format event_loop timeout_keep_alive model_name predictor_host predictor_protocol
    predictor_use_ssl predictor_request_timeout_seconds predictor_request_retries enable_predictor_health_check
    grpc_max_send_message_length grpc_max_receive_message_length ssl_certfile ssl_keyfile`;
  expect(Object.keys(KSERVE_FLAGS).sort()).toEqual(names.split(/\s+/).sort());
});

test.each(Object.entries(TABLE))(
  "--%s is written with underscores, has a default of its own type, and a sentence",
  (name, flag) => {
    expect(name).toMatch(/^[a-z0-9]+(_[a-z0-9]+)*$/);
    expect(flag.description).toMatch(/^[A-Z].*\.$/);
    if (flag.default !== undefined) expect(parseFlagValue(flag, String(flag.default), name)).toBe(flag.default);
    expect(flag.type === "choice").toBe(flag.choices !== undefined);
  },
);

test("the defaults of the limits are those of the code", () => {
  expect({
    maxBodyBytes: OWN_FLAGS.max_body_bytes.default,
    maxResponseBytes: OWN_FLAGS.max_response_bytes.default,
    maxJsonDepth: OWN_FLAGS.max_json_depth.default,
    maxInstances: OWN_FLAGS.max_instances.default,
    maxTensors: OWN_FLAGS.max_tensors.default,
    maxElements: OWN_FLAGS.max_elements.default,
  }).toEqual(DEFAULT_LIMITS);
});
