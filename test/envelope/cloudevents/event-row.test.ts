import { toEventRow } from "../../../src/envelope/cloudevents/event-row.ts";

const read = (data: string) => {
  const { body } = toEventRow({ headers: {}, body: [Buffer.from(data)] }, 16);
  return Buffer.concat(body).toString();
};

describe("an event's data as a V1 request", () => {
  test.each(['{"instances":[1]}', '{"id":"7","inputs":{"a":[1]}}', '{"instances":null,"inputs":[1]}'])(
    "%s is one already",
    (data) => {
      expect(read(data)).toBe(data);
    },
  );

  test("an object without instances and inputs is the one row, byte for byte", () => {
    expect(read('\uFEFF{"n":12345678901234567890,"instances2":{"instances":[1]}}')).toBe(
      '{"instances":[{"n":12345678901234567890,"instances2":{"instances":[1]}}]}',
    );
  });

  test("what is no object stays, for the codec to refuse", () => {
    expect(read("[1]")).toBe("[1]");
  });

  test.each(['{"a":1', '{"a":1}}', '{"a":[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]}'])("%s is refused", (data) => {
    expect(() => read(data)).toThrow(expect.objectContaining({ code: "invalid_argument" }));
  });
});
