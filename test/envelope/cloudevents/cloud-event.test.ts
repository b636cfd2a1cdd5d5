import { DEFAULT_EVENT_SETTINGS } from "../../../src/envelope/cloudevents/cloud-event.ts";
import { decodeEvent, isCloudEvent } from "../../../src/envelope/cloudevents/decode.ts";
import { encodeEvent } from "../../../src/envelope/cloudevents/encode.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (body: readonly Uint8Array[]) => Buffer.concat(body).toString("utf8");
const ATTRIBUTES = { specversion: "1.0", id: "36077800", source: "http://here", type: "asked" };
const asHeaders = (attributes: Record<string, string>) =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]));

describe("CloudEvents", () => {
  test("binary mode: attributes from headers, data as it is", () => {
    const headers = { ...asHeaders(ATTRIBUTES), "ce-subject": "a%20b", "content-type": "application/json" };
    const { event, message } = decodeEvent({ headers, body: [bytes('{"instances":[1]}')] }, 64);
    expect(event).toEqual({ mode: "binary", attributes: { ...ATTRIBUTES, subject: "a b" } });
    expect([message.headers, text(message.body)]).toEqual([
      { "content-type": "application/json" },
      '{"instances":[1]}',
    ]);
  });

  test("structured mode: data keeps integers beyond 2^53", () => {
    const body = `{${Object.entries(ATTRIBUTES).map(([name, value]) => `"${name}":"${value}"`)},"data":{"instances":[9007199254740993]}}`;
    const headers = { "content-type": "application/cloudevents+json; charset=utf-8" };
    const { event, message } = decodeEvent({ headers, body: [bytes(body)] }, 64);
    expect(event).toEqual({ mode: "structured", attributes: ATTRIBUTES });
    expect([message.headers["content-type"], text(message.body)]).toEqual([
      "application/json",
      '{"instances":[9007199254740993]}',
    ]);
  });

  test.each([
    ['"data":{"a": 1.0,  "b":[]}', '{"a": 1.0,  "b":[]}'],
    ['"data":"text"', '"text"'],
    ['"data":null', "null"],
    ['"more":1', ""],
  ])("structured mode: %s is handed on as it is written", (member, data) => {
    const body = `{${Object.entries(ATTRIBUTES).map(([name, value]) => `"${name}":"${value}"`)},${member}, "x":"y"}`;
    const headers = { "content-type": "application/cloudevents+json" };
    expect(text(decodeEvent({ headers, body: [bytes(body)] }, 64).message.body)).toBe(data);
  });

  test.each([
    ["[]", "a structured CloudEvent must be a JSON object"],
    ['{"id":"1","id":"2"}', 'the key "id" comes twice in a CloudEvent'],
    ['{"data":1,"data_base64":""}', "data or data_base64, not both"],
    ['{"data":[1}', "expected ',' or '}', got the end"],
  ])("structured mode: %s is refused", (body, message) => {
    const headers = { "content-type": "application/cloudevents+json" };
    expect(() => decodeEvent({ headers, body: [bytes(body)] }, 64)).toThrow(message);
  });

  test("structured mode: data_base64 is bytes of its own type", () => {
    const event = { ...ATTRIBUTES, datacontenttype: "application/octet-stream", data_base64: "AAH/" };
    const headers = { "content-type": "application/cloudevents+json" };
    const { message } = decodeEvent({ headers, body: [bytes(JSON.stringify(event))] }, 64);
    expect(message.headers["content-type"]).toBe("application/octet-stream");
    expect(Array.from(message.body[0] ?? [])).toEqual([0, 1, 255]);
  });

  test.each([
    ["an attribute that is missing", { ...ATTRIBUTES, source: "" }, "'source'"],
    ["another version", { ...ATTRIBUTES, specversion: "2.0" }, "expected 1.0"],
    ["bad percent-encoding", { ...ATTRIBUTES, subject: "%E0" }, "'ce-subject'"],
  ])("%s is refused by name", (_, attributes, message) => {
    expect(() => decodeEvent({ headers: asHeaders(attributes), body: [] }, 64)).toThrow(message);
  });

  test("a batch is refused", () => {
    const headers = { "content-type": "application/cloudevents-batch+json" };
    expect(isCloudEvent(headers)).toBe(true);
    expect(() => decodeEvent({ headers, body: [bytes("[]")] }, 64)).toThrow("batch");
  });

  test("the answer is an event in the same mode, with KServe's type and source", () => {
    const answer = {
      headers: { "content-type": "application/json" },
      body: [bytes('{"predictions":[9007199254740993]}')],
    };
    const binary = encodeEvent(answer, { mode: "binary", attributes: ATTRIBUTES }, "m", DEFAULT_EVENT_SETTINGS);
    expect(binary.headers).toMatchObject({
      "ce-specversion": "1.0",
      "ce-type": "io.kserve.inference.response",
      "ce-source": "io.kserve.inference.m",
      "content-type": "application/json",
    });
    expect(binary.headers["ce-id"]).not.toBe(ATTRIBUTES.id);
    const structured = encodeEvent(answer, { mode: "structured", attributes: ATTRIBUTES }, "m", DEFAULT_EVENT_SETTINGS);
    expect(structured.headers).toEqual({ "content-type": "application/cloudevents+json" });
    expect(text(structured.body)).toContain('"data":{"predictions":[9007199254740993]}}');
    expect(JSON.parse(text(structured.body))).toMatchObject({ source: "io.kserve.inference.m" });
  });

  test("merge keeps the request's own attributes, encoded for headers", () => {
    const attributes = { ...ATTRIBUTES, subject: "grüße %", partitionkey: "7" };
    const settings = { type: "mine", source: "here", merge: true };
    const { headers } = encodeEvent({ headers: {}, body: [] }, { mode: "binary", attributes }, "m", settings);
    expect(headers).toMatchObject({
      "ce-subject": "gr%C3%BC%C3%9Fe%20%25",
      "ce-partitionkey": "7",
      "ce-type": "mine",
      "ce-source": "here",
    });
    expect(headers["ce-id"]).not.toBe(ATTRIBUTES.id);
  });
});
