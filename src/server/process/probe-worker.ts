import type { AddressInfo } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { assertingFraming } from "../http/assert-framing.ts";
import { nodeHttp } from "./node-http.ts";
import type { ProbeWorkerData } from "./probe-server.ts";
import { requestTimeouts } from "./request-timeouts.ts";

/**
 * The thread behind `--probe_port`: answers health from shared memory, so that no probe waits behind a hook that burns CPU.
 * Readiness is what the main thread last said; liveness fails once the main thread has not been heard of for too long, so
 * that a deadlock is not hidden.
 */
const { shared, host, port, maxHeartbeatAgeMs, ...timeouts } = workerData as ProbeWorkerData;
const heartbeat = new BigInt64Array(shared, 0, 1);
const ready = new Int32Array(shared, 8, 1);

const server = nodeHttp.createServer(
  requestTimeouts(timeouts),
  assertingFraming((request, response) => {
    const age = Number(process.hrtime.bigint() - Atomics.load(heartbeat, 0)) / 1e6;
    const live = age <= maxHeartbeatAgeMs;
    const path = (request.url ?? "/").split("?")[0] ?? "/";
    const isReady = live && Atomics.load(ready, 0) === 1;
    if (path === "/" || path.endsWith("/live") || path.endsWith("/livez") || path.endsWith("/healthz"))
      respond(live, { live });
    else if (path.endsWith("/ready") || path.endsWith("/readyz") || path.startsWith("/v1/models/")) {
      respond(isReady, { ready: isReady });
    } else {
      response
        .writeHead(404, { "content-type": "application/json" })
        .end(JSON.stringify({ error: `no such route: ${path}` }));
    }

    function respond(good: boolean, body: object): void {
      const detail = live ? body : { ...body, error: `the main loop has not been heard of for ${Math.round(age)} ms` };
      response.writeHead(good ? 200 : 503, { "content-type": "application/json" }).end(JSON.stringify(detail));
    }
  }),
);
server.on("error", (error) =>
  parentPort?.postMessage({ error: error.message, code: (error as { code?: string }).code }),
);
server.listen(port, host, () => parentPort?.postMessage({ port: (server.address() as AddressInfo).port }));
