import { toEventRow } from "../../../src/envelope/cloudevents/event-row.ts";
import { Turns } from "../../../src/turns.ts";
import { countLoopTurns } from "../../loop-turns.ts";

const read = async (data: string) => {
  const { body } = await toEventRow({ headers: {}, body: [Buffer.from(data)] }, 16, new Turns());
  return Buffer.concat(body).toString();
};

describe("an event's data as a V1 request", () => {
  test.each(['{"instances":[1]}', '{"id":"7","inputs":{"a":[1]}}', '{"instances":null,"inputs":[1]}'])(
    "%s is one already",
    async (data) => {
      expect(await read(data)).toBe(data);
    },
  );

  test("an object without instances and inputs is the one row, byte for byte", async () => {
    expect(await read('\uFEFF{"n":12345678901234567890,"instances2":{"instances":[1]}}')).toBe(
      '{"instances":[{"n":12345678901234567890,"instances2":{"instances":[1]}}]}',
    );
  });

  test("what is no object stays, for the codec to refuse", async () => {
    expect(await read("[1]")).toBe("[1]");
  });

  test.each(['{"a":1', '{"a":1}}', '{"a":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}'])("%s is refused", async (data) => {
    await expect(read(data)).rejects.toMatchObject({ code: "invalid_argument" });
  });

  test.each([
    ["arrays", `{"a":[${Array(1_000_000).fill("[[1]]").join(",")}],"b":"x"}`],
    ["numbers", `{"a":[${Array(1_500_000).fill("0.125").join(",")}]}`],
  ])("a large one of %s is read in turns with other requests", async (_what, data) => {
    const { value, turns } = await countLoopTurns(() => read(data));
    expect(value).toBe(`{"instances":[${data}]}`);
    expect(turns).toBeGreaterThan(3);
  });
});
