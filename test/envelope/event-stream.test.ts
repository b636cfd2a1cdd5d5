import { jest } from "@jest/globals";
import fc from "fast-check";
import { dataOfEvent, EventStreamReader, encodeEventText, replaceEventData } from "../../src/envelope/event-stream.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

describe("server-sent events", () => {
  test("events come out the same however the bytes are cut", () => {
    const stream = bytes('data: {"a":"grüße"}\n\nevent: x\r\ndata: 1\r\ndata: 2\r\n\r\n: ping\n\ndata: [DONE]\n\n');
    const whole = ['data: {"a":"grüße"}', "event: x\r\ndata: 1\r\ndata: 2", ": ping", "data: [DONE]"];
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 8 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const reader = new EventStreamReader();
        const events = places.slice(1).flatMap((end, i) => reader.push(stream.subarray(places[i], end)));
        expect([...events, ...reader.end()]).toEqual(whole);
      }),
    );
  });

  test("an event over the limit is refused, whole and while its end has not come", () => {
    const reader = new EventStreamReader(10);
    expect(reader.push(bytes("data: 1234\n\n"))).toEqual(["data: 1234"]);
    expect(() => reader.push(bytes("data: 12345\n\n"))).toThrow("longer than 10 characters (max_response_bytes)");
    const waiting = new EventStreamReader(10);
    expect(() => [..."data: 12345678"].map((each) => waiting.push(bytes(each)))).toThrow("longer than 10");
  });

  test("an event in many chunks is searched once for its end, not again with every chunk", () => {
    const split = jest.spyOn(String.prototype, "split");
    const reader = new EventStreamReader();
    for (let i = 0; i < 1000; i++) reader.push(bytes("x".repeat(100)));
    const searched = split.mock.contexts.reduce<number>((sum, text) => sum + String(text).length, 0);
    split.mockRestore();
    expect(searched).toBeLessThanOrEqual(1000 * (100 + 3));
    expect(reader.end()).toEqual(["x".repeat(100_000)]);
  });

  test("the last event needs no blank line", () => {
    const reader = new EventStreamReader();
    expect([...reader.push(bytes("data: 1\n\ndata: 2\n")), ...reader.end()]).toEqual(["data: 1", "data: 2"]);
  });

  test("data lines are joined, comments have none", () => {
    expect(dataOfEvent("event: x\ndata: 1\ndata:2")).toBe("1\n2");
    expect(dataOfEvent(": ping")).toBeUndefined();
  });

  test("other data leaves the event's other lines", () => {
    const event = replaceEventData("id: 7\ndata: old\nevent: delta", '{"new":1}');
    expect(new TextDecoder().decode(encodeEventText(event))).toBe('id: 7\nevent: delta\ndata: {"new":1}\n\n');
  });
});

test("an event has at most 65,536 lines", () => {
  expect(dataOfEvent("data:x\n".repeat(65_535))).toHaveLength(65_535 * 2 - 1);
  expect(() => dataOfEvent("data:x\n".repeat(65_536))).toThrow("a server-sent event has more than 65536 lines");
});
