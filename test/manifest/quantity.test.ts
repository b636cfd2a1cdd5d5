import { parseQuantity } from "../../src/manifest/quantity.ts";
import { nearestName } from "../../src/nearest-name.ts";

test.each([
  ["500m", 0.5],
  ["2", 2],
  ["1.5", 1.5],
  ["512Mi", 536870912],
  ["1k", 1000],
  ["1Ki", 1024],
  ["1e3", 1000],
  ["1E", 1e18],
  [".5", 0.5],
])("%s is %d", (text, value) => {
  expect(parseQuantity(text)).toBeCloseTo(value, 9);
});

test.each(["", "512MB", "mi", "1 Gi", "1mi", "--1", "1e"])("%j is no quantity", (text) => {
  expect(parseQuantity(text)).toBeUndefined();
});

test.each([
  ["valeu", "value"],
  ["container", "containers"],
  ["Image", "image"],
  ["autoscalerclass", "autoscalerClass"],
])("%s most likely stands for %s", (name, meant) => {
  expect(nearestName(name, ["value", "containers", "image", "autoscalerClass"])).toBe(meant);
});

test("a name of its own stands for none", () => {
  expect(nearestName("sidecar", ["value", "containers", "image"])).toBeUndefined();
  expect(nearestName("ab", ["cd"])).toBeUndefined();
});
