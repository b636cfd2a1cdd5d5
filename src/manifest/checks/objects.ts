import { LineCounter, parseAllDocuments, type Tags } from "yaml";
import { Field } from "./field.ts";
import { error, type Finding } from "./finding.ts";

/** One Kubernetes object of a file: a document, or an item of a List. */
export interface ManifestObject {
  readonly kind: string;
  readonly root: Field;
  /** Where it lies in its document: empty, or `items[2]`. */
  readonly place: string;
}

export interface ManifestFile {
  readonly objects: readonly ManifestObject[];
  /** What is no YAML, and what is no object. */
  readonly findings: readonly Finding[];
}

/** The objects of a YAML file, one by one: `kubectl get -o yaml` prints them as items of a List. */
export function readObjects(text: string): ManifestFile {
  const lines = new LineCounter();
  const objects: ManifestObject[] = [];
  const findings: Finding[] = [];
  const add = (root: Field, place: string) => {
    const kind = root.at("kind").text;
    if (kind === undefined) {
      const message = "This is no Kubernetes object, since it has no kind: kubectl refuses the file.";
      findings.push({
        check: "kind",
        ...error(root, message, "Write apiVersion: and kind:, or remove it."),
        path: place,
      });
    } else if (kind === "List" || (kind.endsWith("List") && root.at("items").kind === "list")) {
      for (const item of root.at("items").items())
        add(item.asRoot(), place === "" ? item.path : `${place}.${item.path}`);
    } else {
      objects.push({ kind, root, place });
    }
  };
  for (const document of parseAllDocuments(text, {
    version: "1.1",
    customTags: goTags,
    lineCounter: lines,
    prettyErrors: false,
  })) {
    for (const problem of document.errors) {
      findings.push({
        severity: "error",
        check: "yaml",
        path: "",
        line: lines.linePos(problem.pos[0]).line,
        message: `The file is no YAML: ${problem.message}.`,
        fix: "Fix the indentation, quotes or keys there.",
      });
    }
    const root = Field.root(document, lines, text);
    // A document without anything in it is passed over by kubectl too.
    if (document.errors.length === 0 && root.isFilled) add(root, "");
  }
  return { objects, findings };
}

/** YAML 1.1 as Go reads it for Kubernetes: yes and on are booleans, but 12:30 and dates are text. */
function goTags(tags: Tags): Tags {
  return tags.filter((tag) => typeof tag === "string" || !(tag.format === "TIME" || UNKNOWN_TO_GO.test(tag.tag)));
}

const UNKNOWN_TO_GO = /:(timestamp|set|omap|pairs|binary)$/;
