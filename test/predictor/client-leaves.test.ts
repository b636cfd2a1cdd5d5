import type { Socket } from "node:net";
import { composeDeadline } from "../../src/policy/deadline.ts";
import { createRecorder, forwardRows } from "../policy/forward-recorder.ts";
import { createRawHarness } from "./raw-harness.ts";
import { httpAnswer } from "./raw-server.ts";
import { inferenceErrorOf, rowsRequest } from "./requests.ts";

const { start } = createRawHarness();

const HALF = httpAnswer(200, { "content-length": "1000", "content-type": "application/json" }, '{"predictions"');

describe("a client that leaves", () => {
  test("ends the call that is read", async () => {
    const controller = new AbortController();
    const { server, predictor } = await start(() => controller.abort());
    const error = await inferenceErrorOf(predictor.infer(rowsRequest([1]), { signal: controller.signal }));
    expect(error.code).toBe("cancelled");
    await server.clientGone;
  });

  test("ends the call whose answer is on its way", async () => {
    const controller = new AbortController();
    const { server, predictor } = await start((socket) => {
      socket.write(HALF, () => controller.abort());
    });
    const error = await inferenceErrorOf(predictor.infer(rowsRequest([1]), { signal: controller.signal }));
    expect(error.code).toBe("cancelled");
    await server.clientGone;
  });

  test("ends the call that is passed through, which is silent from then on", async () => {
    const recorder = createRecorder();
    const { server, predictor } = await start(() => handle.abort());
    const handle = forwardRows(predictor, recorder);
    await server.clientGone;
    expect(recorder.events).toEqual([]);
  });

  test("ends a call that still waits for a connection, and costs nobody else one", async () => {
    const held: Socket[] = [];
    const { server, predictor } = await start(
      (socket, request) => {
        if (request.includes('"first"')) held.push(socket);
        else socket.write(httpAnswer(200, {}, '{"predictions":[2]}'));
      },
      { connections: 1 },
    );
    const turn = () => new Promise((resolve) => setImmediate(resolve));
    const first = predictor.infer(rowsRequest(["first"]));
    while (held.length === 0) await turn();
    const controller = new AbortController();
    const waiting = inferenceErrorOf(predictor.infer(rowsRequest(["left"]), { signal: controller.signal }));
    await turn();
    const last = predictor.infer(rowsRequest(["last"]));
    await turn();
    controller.abort();
    expect((await waiting).code).toBe("cancelled");
    held[0]?.write(httpAnswer(200, {}, '{"predictions":[1]}'));
    expect((await first).predictions).toEqual([1]);
    expect((await last).predictions).toEqual([2]);
    expect(server.requests.some((request) => request.includes("left"))).toBe(false);
    expect(server.clientPorts.size).toBe(1);
  });

  test("is told its own deadline's error when that is why the signal was aborted", async () => {
    const { predictor } = await start(() => undefined);
    const deadline = composeDeadline(undefined, { "x-request-timeout-ms": "20" }, 0);
    const error = await inferenceErrorOf(predictor.infer(rowsRequest([1]), { signal: deadline.signal }));
    expect(error).toMatchObject({ code: "deadline_exceeded", status: 504, message: "no response within 20 ms" });
  });
});
