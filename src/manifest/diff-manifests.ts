import type { Field } from "./checks/field.ts";
import { readObjects } from "./checks/objects.ts";

/** One place where two files differ. */
export interface ManifestDifference {
  /** `InferenceService churn`. */
  readonly object: string;
  /** `spec.transformer.containers[0].image`; empty where one of the files lacks the object. */
  readonly path: string;
  /** As JSON; undefined where the first file has nothing there. */
  readonly before: string | undefined;
  readonly after: string | undefined;
}

/**
 * Where two YAML files mean different objects: order of keys, comments, quotes and anchors do not count. What the API server
 * adds to an object (`status`, `metadata.uid` …) does not either, so that a cluster's own objects can be compared.
 */
export function diffManifests(before: string, after: string): readonly ManifestDifference[] {
  const [first, second] = [readLeaves(before), readLeaves(after)];
  return [...new Set([...first.keys(), ...second.keys()])].flatMap((object) => {
    const [old, young] = [first.get(object), second.get(object)];
    if (old === undefined || young === undefined) {
      const text = (leaves: object | undefined) => (leaves === undefined ? undefined : "the object");
      return [{ object, path: "", before: text(old), after: text(young) }];
    }
    return [...new Set([...old.keys(), ...young.keys()])]
      .filter((path) => old.get(path) !== young.get(path))
      .map((path) => ({ object, path, before: old.get(path), after: young.get(path) }));
  });
}

const ADDED_BY_THE_SERVER =
  /^(status|metadata\.(uid|resourceVersion|generation|creationTimestamp|managedFields|finalizers|selfLink)|metadata\.annotations\["kubectl\.kubernetes\.io\/last-applied-configuration"\])(?=$|[.[])/;

/** The scalars of each object by their paths. */
function readLeaves(text: string): ReadonlyMap<string, ReadonlyMap<string, string>> {
  return new Map(
    readObjects(text).objects.map(({ kind, root }) => [
      `${kind} ${root.at("metadata", "name").text ?? "without a name"}`,
      new Map([...leavesOf(root)].filter(([path]) => !ADDED_BY_THE_SERVER.test(path))),
    ]),
  );
}

function* leavesOf(field: Field): Iterable<[path: string, value: string]> {
  const below = field.kind === "list" ? field.items() : field.fields().map(([, child]) => child);
  if (below.length > 0) for (const child of below) yield* leavesOf(child);
  else yield [field.path, field.kind === "map" ? "{}" : field.kind === "list" ? "[]" : JSON.stringify(field.scalar)];
}
