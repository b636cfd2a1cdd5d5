import { parseFlags } from "../../../src/cli/flags/parse-flags.ts";
import { createRequestLogs } from "../../../src/cli/serve/request-logs.ts";
import { SERVE_FLAGS } from "../../../src/contract/flags.ts";
import { createLogger } from "../../../src/observability/logger.ts";
import { createMetrics } from "../../../src/observability/metrics.ts";

function create(...argv: string[]) {
  const flags = parseFlags(SERVE_FLAGS, ["--payload_log_url", "http://collector/", ...argv], {}).values;
  const log = createLogger({ level: "silent" });
  return createRequestLogs({ flags, env: {}, log, metrics: createMetrics(), rowSchema: undefined });
}

test("chosen headers and annotations are taken", async () => {
  const logs = create("--payload_log_headers", "X-Tenant,x-request-id", "--payload_log_annotations", "team=a=b");
  expect(logs.listeners).toHaveLength(1);
  await logs.close();
});

test.each([
  [["--payload_log_headers", "x-tenant,Authorization"], "authorization holds credentials, which are never logged"],
  [["--payload_log_headers", "X-API-Key"], "x-api-key holds credentials"],
  [["--payload_log_headers", "cookie"], "cookie holds credentials"],
  [["--payload_log_headers", "a b"], 'expected names of headers, got "a b"'],
  [["--payload_log_annotations", "team"], 'expected NAME=VALUE, got "team"'],
  [["--payload_log_annotations", "=x"], 'expected NAME=VALUE, got "=x"'],
])("%j is refused at start", (argv, message) => {
  expect(() => create(...argv)).toThrow(message);
});
