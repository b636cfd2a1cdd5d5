import { Document } from "yaml";

/**
 * Kubernetes objects as one YAML file. Texts that YAML 1.1 would read as something else (`yes`, `8080`, `1e3`) are quoted,
 * since Kubernetes' reader follows it.
 */
export function formatManifests(objects: readonly object[]): string {
  return objects
    .map((object) =>
      new Document(object, { compat: "yaml-1.1", aliasDuplicateObjects: false }).toString({ lineWidth: 0 }),
    )
    .join("---\n");
}
