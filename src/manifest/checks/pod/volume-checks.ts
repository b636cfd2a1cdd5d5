import { nearestName } from "../../../nearest-name.ts";
import type { Field } from "../field.ts";
import { error, type Remark, warning } from "../finding.ts";
import type { Service, ServiceCheckTable } from "../service/service.ts";
import { type Pod, podsOf } from "./pods.ts";

export const VOLUME_CHECKS: ServiceCheckTable = {
  "volume-mount": checkVolumeMounts,
  volume: checkVolumes,
};

function* checkVolumeMounts(service: Service): Iterable<Remark> {
  for (const pod of podsOf(service)) {
    const names = volumesOf(pod).flatMap((volume) => volume.at("name").text ?? []);
    for (const container of [...pod.containers, ...pod.initContainers]) {
      yield* missingVolumes(container, names, error);
      yield* pathsTaken(container);
    }
    for (const container of pod.frameworks) {
      // A runtime may bring the volume: its own are not in the manifest.
      yield* missingVolumes(container, names, warning);
      yield* pathsTaken(container);
    }
  }
}

function* missingVolumes(container: Field, names: readonly string[], report: typeof error): Iterable<Remark> {
  for (const mount of container.at("volumeMounts").items()) {
    const name = mount.at("name");
    if (name.text === undefined || names.includes(name.text)) continue;
    // KServe's storage initializer makes these.
    if (name.text.startsWith("kserve-")) continue;
    const near = nearestName(name.text, names);
    yield report(
      name,
      `No volume of this pod is called ${name.text}: the service is admitted, then the API server refuses its pod${report === warning ? ", unless the runtime brings that volume" : ""}.`,
      near === undefined
        ? `Write volumes: [{name: ${name.text}, configMap: {name: …}}] beside containers.`
        : `Write ${near}.`,
    );
  }
}

function* pathsTaken(container: Field): Iterable<Remark> {
  const seen = new Set<string>();
  for (const mount of container.at("volumeMounts").items()) {
    const path = mount.at("mountPath");
    if (path.text === undefined) continue;
    if (seen.has(path.text))
      yield error(
        path,
        `Two volumes are mounted at ${path.text}: the API server refuses the pod.`,
        "Mount each at a place of its own.",
      );
    seen.add(path.text);
  }
}

function* checkVolumes(service: Service): Iterable<Remark> {
  for (const pod of podsOf(service)) {
    const seen = new Set<string>();
    const mounted = new Set(
      [...pod.frameworks, ...pod.containers, ...pod.initContainers].flatMap((container) =>
        container
          .at("volumeMounts")
          .items()
          .map((mount) => mount.at("name").text),
      ),
    );
    for (const volume of volumesOf(pod)) {
      const name = volume.at("name");
      if (name.text === undefined || name.text === "") {
        yield error(
          name,
          "The volume has no name: the API server refuses its pod.",
          "Write name: and mount it by that.",
        );
        continue;
      }
      const sources = volume.fields().length - 1;
      if (seen.has(name.text))
        yield error(
          name,
          `Two volumes are called ${name.text}: the API server refuses the pod.`,
          "Give each a name of its own.",
        );
      else if (sources > 1)
        yield error(
          volume,
          `The volume ${name.text} has ${sources} sources, and the API server takes one.`,
          "Keep one of them.",
        );
      seen.add(name.text);
      if (service.mode === "Knative" && !mounted.has(name.text)) {
        yield error(
          name,
          `No container mounts the volume ${name.text}: Knative refuses the Revision ("volume with name ${name.text} not mounted").`,
          `Write volumeMounts: [{name: ${name.text}, mountPath: …}] in the container that reads it, or remove the volume.`,
        );
      }
    }
  }
}

function volumesOf({ component }: Pod): readonly Field[] {
  return component.at("volumes").items();
}
