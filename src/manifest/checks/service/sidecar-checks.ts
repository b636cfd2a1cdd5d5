import { HTTP_PORT } from "../../../contract/ports.ts";
import type { Field } from "../field.ts";
import { error, type Remark, warning } from "../finding.ts";
import { findFlag, firstPort } from "./arguments.ts";
import { components } from "./scaling-checks.ts";
import type { Service, ServiceCheckTable } from "./service.ts";

export const SIDECAR_CHECKS: ServiceCheckTable = {
  logger: checkLogger,
  batcher: checkBatcher,
  "batcher-with-logger": checkBatcherWithLogger,
  "probe-port": checkProbePorts,
};

const LOGGER_MODES: readonly string[] = ["all", "request", "response"];

function* checkLogger(service: Service): Iterable<Remark> {
  for (const component of components(service)) {
    const mode = component.at("logger", "mode");
    if (mode.text === undefined || LOGGER_MODES.includes(mode.text)) continue;
    yield error(mode, `The API server refuses the logger mode ${mode.text}.`, `Write ${LOGGER_MODES.join(", ")}.`);
  }
}

function* checkBatcher(service: Service): Iterable<Remark> {
  for (const component of components(service)) {
    for (const name of ["maxBatchSize", "maxLatency", "timeout"]) {
      const field = component.at("batcher", name);
      if ((field.number ?? 1) >= 1) continue;
      yield warning(
        field,
        `${field.source} has no effect: the batcher falls back to its default.`,
        "Write 1 or more, or remove it.",
      );
    }
  }
}

function* checkBatcherWithLogger(service: Service): Iterable<Remark> {
  for (const component of components(service)) {
    const logger = component.at("logger");
    if (!logger.exists || !component.at("batcher").exists || logger.at("mode").text === "request") continue;
    yield warning(
      logger,
      "With a batcher in the same agent the logger sends no responses' events.",
      "Write mode: request, or drop the batcher.",
    );
  }
}

/** A probe on a port where nothing listens keeps the pod unready, or kills it. */
function* checkProbePorts({ transformers }: Service): Iterable<Remark> {
  for (const { field } of transformers) {
    const ports = field.at("ports").items();
    const flag = findFlag(field, "http_port");
    const known = [
      flag === undefined ? (firstPort(field) ?? HTTP_PORT) : Number(flag.value),
      ...ports.map((port) => port.at("containerPort").number),
      ...["grpc_port", "metrics_port", "probe_port"].map((name) => Number(findFlag(field, name)?.value)),
    ];
    for (const probe of ["readinessProbe", "livenessProbe", "startupProbe"]) {
      for (const handler of ["httpGet", "tcpSocket", "grpc"]) {
        const port = field.at(probe, handler, "port");
        const isKnown = port.text === undefined ? known.includes(port.number) : isNamed(ports, port.text);
        if (!port.exists || isKnown) continue;
        yield error(
          port,
          `The probe asks ${port.source}, and nothing in this container listens there: the pod never becomes ready.`,
          `Write ${known[0]}.`,
          port.toWritten(String(known[0])),
        );
      }
    }
  }
}

function isNamed(ports: readonly Field[], name: string): boolean {
  return ports.some((port) => port.at("name").text === name);
}
