import { COLLOCATED_CONTAINER } from "../../../contract/names.ts";
import { HTTP_PORT } from "../../../contract/ports.ts";
import { error, type Remark, warning } from "../finding.ts";
import { findEnvironment, findFlag, firstPort } from "./arguments.ts";
import { type Container, hasAgent, type Service, type ServiceCheckTable } from "./service.ts";

export const COLLOCATION_CHECKS: ServiceCheckTable = {
  "collocated-ports": checkCollocatedPorts,
  "collocated-port-clash": checkCollocatedPortClash,
  "collocated-storage": checkCollocatedStorage,
  "collocated-arguments": checkCollocatedArguments,
  "transformer-chain": checkTransformerChain,
  "exec-probe": checkExecProbe,
};

function* checkCollocatedPorts(service: Service): Iterable<Remark> {
  for (const { field } of collocated(service)) {
    const ports = field.at("ports");
    if (!ports.isFilled) {
      yield error(
        ports,
        `${COLLOCATED_CONTAINER} has no ports: traffic and probe go to ${HTTP_PORT}, the predictor, past the transformer.`,
        'Write ports: [{containerPort: 8090, protocol: TCP}] and args: [--http_port, "8090"].',
      );
    }
  }
}

function* checkCollocatedPortClash(service: Service): Iterable<Remark> {
  for (const { field } of collocated(service)) {
    const flag = findFlag(field, "http_port");
    const port = flag === undefined ? (firstPort(field) ?? HTTP_PORT) : Number(flag.value);
    const predictor = predictorPort(service);
    if (port !== predictor) continue;
    yield error(
      flag?.field ?? field.at("ports").items()[0]?.at("containerPort") ?? field,
      `Transformer and predictor share one pod and would both listen on ${port}: the second to start fails with EADDRINUSE.`,
      'Write args: [--http_port, "8090"] and ports: [{containerPort: 8090, protocol: TCP}].',
    );
  }
}

function* checkCollocatedStorage(service: Service): Iterable<Remark> {
  for (const { field } of collocated(service)) {
    const storage = findEnvironment(field, "STORAGE_URI");
    if (storage === undefined) continue;
    yield error(
      storage.field.at("name"),
      `KServe refuses STORAGE_URI in ${COLLOCATED_CONTAINER}.`,
      "Remove it: the predictor's /mnt/models is mounted there too.",
    );
  }
}

/** Beside a predictor the controller adds no argument. */
function* checkCollocatedArguments(service: Service): Iterable<Remark> {
  for (const { field } of collocated(service)) {
    const args = field.at("args");
    const host =
      findFlag(field, "predictor_host", "predictor", "predictor_port") ?? findEnvironment(field, "PREDICTOR_HOST");
    if (host === undefined) {
      yield error(
        args,
        `The controller adds no argument to ${COLLOCATED_CONTAINER}: without --predictor_host the transformer has no predictor.`,
        "Write args: [--predictor_host, localhost:8080].",
      );
    }
    if (findFlag(field, "model_name") === undefined) {
      yield warning(
        args,
        `The controller adds no --model_name to ${COLLOCATED_CONTAINER}: before KServe 0.17 the model is called "model" there.`,
        `Write args: [--model_name, ${service.name ?? "NAME"}].`,
      );
    }
  }
}

function* checkTransformerChain(service: Service): Iterable<Remark> {
  const [container] = collocated(service);
  if (container === undefined || !service.transformer.at("containers").isFilled) return;
  yield warning(
    service.transformer,
    `spec.transformer stands beside a ${COLLOCATED_CONTAINER} (line ${container.field.line}): each request passes both, one after the other.`,
    "Keep one of them.",
  );
}

function* checkExecProbe({ containers }: Service): Iterable<Remark> {
  for (const { field, component, isTransformer } of containers) {
    const probe = field.at("readinessProbe", "exec");
    if (!isTransformer || !probe.exists || !hasAgent(component)) continue;
    yield error(
      probe,
      "Logger and batcher put KServe's agent before the container, and the agent crashes on an exec probe (SERVING_READINESS_PROBE missing).",
      "Write httpGet: {path: /v2/health/ready, port: 8080} instead of exec.",
    );
  }
}

function collocated({ transformers }: Service): readonly Container[] {
  return transformers.filter((container) => container.isCollocated);
}

function predictorPort({ model, containers }: Service): number {
  if (model !== undefined) return firstPort(model) ?? HTTP_PORT;
  const own = containers.find(({ component, isCollocated }) => component.path === "spec.predictor" && !isCollocated);
  const flag = own === undefined ? undefined : findFlag(own.field, "http_port");
  return flag === undefined ? ((own && firstPort(own.field)) ?? HTTP_PORT) : Number(flag.value);
}
