import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { type RunningCommand, startServe } from "../command-process.ts";
import { cwd, QUICK } from "./served-folder.ts";

const CHUNKS = "0\r\n\r\n";
const NEXT = "GET /metrics HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n";

/** A head's version and fields, the status that every port gives it, and its reason. */
const CASES = [
  [
    "1.1",
    "Host: m\r\nTransfer-Encoding: gzip, chunked",
    501,
    'transfer-encoding: expected chunked, got "gzip, chunked"',
  ],
  ["1.1", "Host: m\r\nTransfer-Encoding: identity", 501, 'transfer-encoding: expected chunked, got "identity"'],
  ["1.0", "Host: m\r\nTransfer-Encoding: chunked", 400, "transfer-encoding: HTTP/1.0 has none"],
  ["1.0", "Host: m\r\nTransfer-Encoding: gzip, chunked", 501, "transfer-encoding: expected chunked"],
  ["1.1", "Host: m\r\nHost: n", 400, "expected one Host header, got 2"],
  ["1.1", "Host: m\r\nTransfer-Encoding: Chunked", 200, ""],
] as const;

/** Everything that the port says until it closes the connection. */
async function ask(port: number, head: string): Promise<string> {
  const socket = connect(port, "127.0.0.1");
  // A reset after the response is a closed connection as well.
  socket.on("error", () => undefined);
  socket.write(`${head}\r\n\r\n${CHUNKS}${NEXT}`);
  return text(socket);
}

describe.each([
  ["one process", ["--workers", "1"]],
  ["two workers", ["--workers", "2"]],
])("what readers on the way may read otherwise is refused, and its connection closed: %s", (_name, argv) => {
  let server: RunningCommand | undefined;
  afterEach(async () => {
    await server?.end("SIGKILL");
    server = undefined;
  });

  test("on the probe port and on the metrics port", async () => {
    writeFileSync(
      join(cwd, "own.mjs"),
      'import { Transformer } from "kserve-transformer"; export default class extends Transformer {}',
    );
    server = await startServe(["own.mjs", ...QUICK, ...argv, "--probe_port", "0", "--metrics_port", "0"], { cwd });
    const started = server.logs().find(({ msg }) => String(msg).startsWith("ready at"));
    const { probePort, metricsPort } = started as { probePort: number; metricsPort: number };
    const ports = [
      [probePort, "GET /v2/health/ready"],
      [probePort, "POST /nowhere"],
      [metricsPort, "GET /metrics"],
      [metricsPort, "POST /nowhere"],
    ] as const;
    for (const [version, fields, status, reason] of CASES) {
      for (const [port, line] of ports) {
        const said = await ask(port, `${line} HTTP/${version}\r\n${fields}`);
        const statuses = [...said.matchAll(/HTTP\/1\.1 (\d{3})/g)].map(([, each]) => Number(each));
        // The request behind one that is refused must not be read; behind a good one it is.
        if (status === 200) expect([line, statuses.length]).toEqual([line, 2]);
        else expect([line, statuses]).toEqual([line, [status]]);
        expect(said).toContain(reason);
      }
    }
  });
});
