import { diffManifests } from "../../src/manifest/diff-manifests.ts";

const SERVICE = `kind: InferenceService
metadata: {name: churn}
spec:
  transformer:
    containers:
      - image: a:1
        args: [--x]
`;

test("order, quotes, comments and what the server adds do not count", () => {
  const other = `# a comment
metadata:
  name: "churn"
  uid: 1
  annotations: {kubectl.kubernetes.io/last-applied-configuration: x}
spec: {transformer: {containers: [{args: ["--x"], image: 'a:1'}]}}
status: {ready: true}
kind: InferenceService
`;
  expect(diffManifests(SERVICE, other)).toEqual([]);
});

test("a value, a list and an object of one file alone are named by place", () => {
  const other = `${SERVICE.replace("a:1", "a:2").replace("[--x]", "[--x, --y]")}---\nkind: Secret\nmetadata: {name: keys}\n`;
  const object = "InferenceService churn";
  expect(diffManifests(SERVICE, other)).toEqual([
    { object, path: "spec.transformer.containers[0].image", before: '"a:1"', after: '"a:2"' },
    { object, path: "spec.transformer.containers[0].args[1]", before: undefined, after: '"--y"' },
    { object: "Secret keys", path: "", before: undefined, after: "the object" },
  ]);
});

test("a text and a number that look alike differ", () => {
  const [found] = diffManifests("kind: A\nb: '8'\n", "kind: A\nb: 8\n");
  expect(found).toMatchObject({ path: "b", before: '"8"', after: "8" });
});

test("the items of a List are the objects themselves", () => {
  const list = `kind: List\nitems:\n- ${SERVICE.trimEnd().replaceAll("\n", "\n  ")}\n`;
  expect(diffManifests(list, SERVICE)).toEqual([]);
});
