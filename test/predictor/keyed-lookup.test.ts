import { jest } from "@jest/globals";
import { KeyedLookup } from "../../src/predictor/keyed-lookup.ts";

const asked: string[] = [];
const lookup = (say: (key: string) => string | undefined = (key) => key.toUpperCase()) =>
  new KeyedLookup(async (key) => {
    asked.push(key);
    return say(key);
  });
beforeEach(() => asked.splice(0));

test("each key is asked once, however many ask at the same time", async () => {
  const models = lookup();
  expect(await Promise.all([models.get("a"), models.get("b"), models.get("a")])).toEqual(["A", "B", "A"]);
  expect(await models.get("a")).toBe("A");
  expect(asked).toEqual(["a", "b"]);
});

test("a failure is tried again by the next who asks", async () => {
  let fails = true;
  const models = lookup((key) => {
    if (!fails) return key;
    fails = false;
    throw new Error("away");
  });
  await expect(models.get("a")).rejects.toThrow("away");
  expect(await models.get("a")).toBe("a");
});

test("that nothing is said is kept for half a minute", async () => {
  const models = lookup(() => undefined);
  const now = jest.spyOn(performance, "now").mockReturnValue(0);
  expect([await models.get("a"), await models.get("a")]).toEqual([undefined, undefined]);
  expect(asked).toEqual(["a"]);
  now.mockReturnValue(30_001);
  await models.get("a");
  expect(asked).toEqual(["a", "a"]);
  now.mockRestore();
});

test("of more than a hundred keys the first is forgotten", async () => {
  const models = lookup();
  for (let i = 0; i <= 100; i++) await models.get(`model-${i}`);
  asked.splice(0);
  await models.get("model-1");
  await models.get("model-0");
  expect(asked).toEqual(["model-0"]);
});
