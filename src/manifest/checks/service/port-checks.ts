import { MAX_PORT_NAME_LENGTH } from "../../../contract/names.ts";
import { HTTP_PORT } from "../../../contract/ports.ts";
import type { Field } from "../field.ts";
import { error, type Remark } from "../finding.ts";
import { findFlag, firstPort } from "./arguments.ts";
import type { Service, ServiceCheckTable } from "./service.ts";

export const PORT_CHECKS: ServiceCheckTable = {
  "port-number": checkPortNumbers,
  "port-name": checkPortNames,
  "several-ports": checkSeveralPorts,
  "first-port": checkFirstPort,
  "http-port": checkHttpPort,
};

function* checkPortNumbers({ containers }: Service): Iterable<Remark> {
  for (const port of portsOf(containers)) {
    const field = port.at("containerPort");
    if (field.number === undefined || (Number.isInteger(field.number) && field.number >= 1 && field.number <= 65535))
      continue;
    yield error(
      field,
      `${field.source} is no port: the service is admitted, then its Deployment is refused.`,
      "Write 1 to 65535.",
    );
  }
}

function* checkPortNames({ containers }: Service): Iterable<Remark> {
  for (const port of portsOf(containers)) {
    const name = port.at("name");
    if (name.text === undefined || name.text === "") continue;
    if (name.text.length > MAX_PORT_NAME_LENGTH) {
      yield error(
        name,
        `The port name ${name.text} has ${name.text.length} characters: the service is admitted, then its Deployment is refused.`,
        `Take at most ${MAX_PORT_NAME_LENGTH}, for example http1.`,
      );
    } else if (!/^[a-z0-9]([a-z0-9]|-(?!-))*$/.test(name.text) || !/[a-z]/.test(name.text) || name.text.endsWith("-")) {
      yield error(
        name,
        `${name.text} is no port name: lower-case letters, digits and single dashes inside, one letter at least.`,
        "Write for example http1 or h2c.",
      );
    }
  }
}

function* checkSeveralPorts({ containers }: Service): Iterable<Remark> {
  for (const { field } of containers) {
    const ports = field.at("ports").items();
    const unnamed = ports.find((port) => !port.at("name").isFilled);
    if (ports.length > 1 && unnamed !== undefined) {
      yield error(
        unnamed.at("name"),
        "One of several ports has no name: the service is admitted, then its Kubernetes Service is refused.",
        "Name each: http1 for REST, h2c for gRPC.",
      );
    }
    const seen = new Set<number>();
    for (const port of ports) {
      const number = port.at("containerPort").number;
      if (number === undefined) continue;
      if (seen.has(number)) yield error(port, `Port ${number} stands here twice.`, "Keep one of them.");
      seen.add(number);
    }
  }
}

function* checkFirstPort({ containers }: Service): Iterable<Remark> {
  for (const { field, isTransformer } of containers) {
    const [first, ...others] = field.at("ports").items();
    if (!isTransformer || first === undefined || others.length === 0 || !isGrpc(first)) continue;
    yield error(
      first,
      `The first port is gRPC's: the service's port 80 and the default probe lead to ${first.at("containerPort").source}, and REST is not reachable on port 80.`,
      "Put the port of REST first.",
    );
  }
}

/** The service follows the first port, the process follows `--http_port`, and the controller appends 8080. */
function* checkHttpPort({ transformers }: Service): Iterable<Remark> {
  for (const { field, isCollocated } of transformers) {
    const flag = findFlag(field, "http_port");
    const first = field.at("ports").items()[0];
    const port = firstPort(field);
    if (first !== undefined && port === undefined) continue;
    if (isCollocated && port === undefined) continue;
    const listening = flag === undefined ? HTTP_PORT : Number(flag.value);
    const routed = port ?? HTTP_PORT;
    if (listening === routed || isGrpc(first) || Number.isNaN(listening)) continue;
    yield error(
      flag?.field ?? first?.at("containerPort") ?? field,
      flag === undefined
        ? `Requests go to port ${routed}, and without --http_port the transformer listens on ${HTTP_PORT}.`
        : `The transformer listens on ${listening} (--http_port), and requests go to ${first === undefined ? "8080, since there are no ports" : routed}.`,
      first === undefined
        ? `Write ports: [{containerPort: ${listening}, protocol: TCP}].`
        : flag === undefined
          ? `Write args: [--http_port, "${routed}"], or containerPort: ${HTTP_PORT}.`
          : `Write the same number in both places.`,
    );
  }
}

function isGrpc(port: Field | undefined): boolean {
  return /grpc|h2c/.test(port?.at("name").text ?? "");
}

function portsOf(containers: Service["containers"]): readonly Field[] {
  return containers.flatMap(({ field }) => field.at("ports").items());
}
