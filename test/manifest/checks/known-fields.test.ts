import { INFERENCE_GRAPH_SPEC, INFERENCE_SERVICE_SPEC } from "../../../src/manifest/checks/known-fields.ts";
import type { Shape } from "../../../src/manifest/checks/shape.ts";
import { describeWithReference, readSpecSchema } from "../shared-reference.ts";

type Schema = ReturnType<typeof readSpecSchema>;

const TYPES: Readonly<Record<string, string>> = { string: "text", integer: "integer", boolean: "boolean" };

/** Where our table and KServe's schema say different things. */
function* differences(shape: Shape, schema: Schema, path: string): Iterable<string> {
  if (shape === "any") return;
  if (typeof shape === "string") {
    const theirs = schema["x-kubernetes-int-or-string"] === true ? "quantity" : TYPES[String(schema["type"])];
    if (theirs !== shape) yield `${path}: ${shape}, KServe's schema says ${theirs ?? schema["type"]}`;
  } else if ("list" in shape) {
    yield* differences(shape.list, schema["items"] as Schema, `${path}[]`);
  } else if ("map" in shape) {
    yield* differences(shape.map, schema["additionalProperties"] as Schema, `${path}.*`);
  } else {
    const theirs = schema.properties ?? {};
    for (const name of Object.keys(theirs)) if (!(name in shape.fields)) yield `${path}.${name}: not in our table`;
    for (const [name, below] of Object.entries(shape.fields)) {
      const field = theirs[name];
      if (field === undefined) yield `${path}.${name}: not in KServe's schema`;
      else yield* differences(below, field, `${path}.${name}`);
    }
  }
}

describeWithReference("the table of known fields", () => {
  test("has the names and types of KServe's schema, no more and no less", () => {
    expect([...differences(INFERENCE_SERVICE_SPEC, readSpecSchema(), "spec")]).toEqual([]);
    expect([...differences(INFERENCE_GRAPH_SPEC, readSpecSchema("inferencegraphs"), "spec")]).toEqual([]);
  });
});
