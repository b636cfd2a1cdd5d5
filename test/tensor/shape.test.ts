import { assertShape, elementCount } from "../../src/tensor/shape.ts";

describe("shape", () => {
  test("counts the elements of scalars, empty tensors and boxes", () => {
    expect([elementCount([]), elementCount([0]), elementCount([2, 3, 4]), elementCount([2, 0, 3])]).toEqual([
      1, 0, 24, 0,
    ]);
  });

  test.each([
    ["x", "shape must be an array"],
    [[-1], "got [-1]"],
    [[1.5], "got [1.5]"],
    [["2"], 'got ["2"]'],
    [[2 ** 40, 2 ** 40], "more elements than can be counted"],
  ])("refuses %j and says what came", (shape, message) => {
    expect(() => assertShape(shape, "pixels")).toThrow(message);
    expect(() => assertShape(shape, "pixels")).toThrow("tensor 'pixels'");
  });

  test("a huge dimension beside a zero is still refused when it cannot be counted", () => {
    expect(() => assertShape([0, 2 ** 53], "x")).toThrow("got [0,9007199254740992]");
  });
});
