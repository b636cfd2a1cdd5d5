import { COLLOCATED_CONTAINER, MAIN_CONTAINER } from "../../contract/names.ts";
import { type Container, type ContainerPort, defined, type Probe } from "../kserve-objects.ts";
import { createEnvironment } from "./environment-variables.ts";
import type { TransformerOptions } from "./inference-service-options.ts";
import type { ResolvedOptions } from "./resolve-options.ts";
import { createResources } from "./resources.ts";
import { createTransformerArguments } from "./transformer-arguments.ts";

export function createTransformerContainer(options: ResolvedOptions): Container {
  const { layout, port, transformer } = options;
  const args = createTransformerArguments(options);
  return defined({
    // KServe calls the first container of a transformer so, whatever a manifest says; its schema wants a name.
    name: layout === "collocated" ? COLLOCATED_CONTAINER : MAIN_CONTAINER,
    image: transformer.image,
    args: args.length === 0 ? undefined : args,
    env: createEnvironment(transformer.env),
    ports: createPorts(port, transformer),
    resources: createResources({ cpu: "500m", memory: "512Mi", cpuLimit: "1" }, transformer.resources),
    readinessProbe: createProbe("/v2/health/ready", port, { periodSeconds: 5, failureThreshold: 3 }),
    livenessProbe: createProbe("/v2/health/live", port, { periodSeconds: 10, failureThreshold: 6 }),
  });
}

/** REST first: the service's port 80 and the sidecars follow the first port. Several ports must be named. */
function createPorts(port: number, { grpcPort, h2c }: TransformerOptions): ContainerPort[] {
  if (h2c === true) return [{ containerPort: port, name: "h2c", protocol: "TCP" }];
  if (grpcPort === undefined) return [{ containerPort: port, protocol: "TCP" }];
  return [
    { containerPort: port, name: "http1", protocol: "TCP" },
    { containerPort: grpcPort, name: "h2c", protocol: "TCP" },
  ];
}

/** httpGet: KServe's agent can read it, which it cannot with exec, and it says more than an open port. */
function createProbe(
  path: string,
  port: number,
  times: { readonly periodSeconds: number; readonly failureThreshold: number },
): Probe {
  return {
    httpGet: { path, port },
    periodSeconds: times.periodSeconds,
    timeoutSeconds: 5,
    failureThreshold: times.failureThreshold,
  };
}
