import { Buffer } from "node:buffer";
import { create, toBinary } from "@bufbuild/protobuf";
import type { Server, ServerWritableStream } from "@grpc/grpc-js";
import { InferenceError } from "../../errors.ts";
import { readControlMessage } from "../../protocol/grpc/control-message.ts";
import {
  Health,
  HealthCheckRequestSchema,
  HealthCheckResponse_ServingStatus,
  HealthCheckResponseSchema,
} from "../../protocol/grpc/gen/health_pb.ts";
import { GRPCInferenceService } from "../../protocol/grpc/gen/inference_pb.ts";
import type { ModelServer } from "../model-server.ts";
import type { Readiness } from "../process/readiness.ts";
import { toUnaryHandler } from "./call.ts";

/** How often a watcher's status is looked at. */
const WATCH_INTERVAL_MS = 1000;

const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = HealthCheckResponse_ServingStatus;
type ServingStatus = typeof SERVING | typeof NOT_SERVING | typeof SERVICE_UNKNOWN;

/**
 * Adds `grpc.health.v1.Health`: the server, under its empty name, and the inference service are serving when every model is
 * ready. `closing` ends the watchers, which would keep the server open.
 * @see https://github.com/grpc/grpc/blob/master/doc/health-checking.md
 */
export function addHealthService(grpc: Server, server: ModelServer, closing: AbortSignal): void {
  const { readiness, options } = server;
  const check = toUnaryHandler(async ({ bytes }) => {
    const status = await statusOf(readiness, readService(bytes));
    if (status !== SERVICE_UNKNOWN) return { bytes: encode(status) };
    throw new InferenceError(`there is no service '${readService(bytes)}'`, { code: "not_found" });
  }, options.log);
  const watch = (call: ServerWritableStream<Buffer, Buffer>): void => {
    watchStatus(call, readiness, closing);
  };
  const identity = (bytes: Buffer): Buffer => bytes;
  grpc.register(`/${Health.typeName}/Check`, check, identity, identity, "unary");
  grpc.register(`/${Health.typeName}/Watch`, watch, identity, identity, "serverStream");
}

/** Sends the status now and whenever it has changed, until the client leaves or the server ends. */
function watchStatus(call: ServerWritableStream<Buffer, Buffer>, readiness: Readiness, closing: AbortSignal): void {
  let service = "";
  try {
    service = readService(call.request);
  } catch {
    call.emit("error", { code: 3, details: "expected a HealthCheckRequest" });
    return;
  }
  let last: ServingStatus | undefined;
  const look = async (): Promise<void> => {
    const status = closing.aborted ? NOT_SERVING : await statusOf(readiness, service);
    if (call.cancelled) return stop();
    if (status !== last && !call.writableEnded) call.write(encode(status));
    last = status;
  };
  const timer = setInterval(look, WATCH_INTERVAL_MS);
  const stop = (): void => {
    clearInterval(timer);
    closing.removeEventListener("abort", end);
  };
  const end = (): void => {
    stop();
    void look().then(() => call.end());
  };
  closing.addEventListener("abort", end, { once: true });
  call.once("cancelled", stop);
  call.once("close", stop);
  void look();
}

async function statusOf(readiness: Readiness, service: string): Promise<ServingStatus> {
  if (service !== "" && service !== GRPCInferenceService.typeName) return SERVICE_UNKNOWN;
  return (await readiness.server().catch(() => false)) ? SERVING : NOT_SERVING;
}

function readService(bytes: Uint8Array): string {
  return readControlMessage(HealthCheckRequestSchema, bytes).service;
}

function encode(status: ServingStatus): Buffer {
  return Buffer.from(toBinary(HealthCheckResponseSchema, create(HealthCheckResponseSchema, { status })));
}
