import { DEFAULT_EVENT_SETTINGS } from "../../../src/envelope/cloudevents/cloud-event.ts";
import { decodeEvent, isCloudEvent } from "../../../src/envelope/cloudevents/decode.ts";
import { encodeEvent } from "../../../src/envelope/cloudevents/encode.ts";
import type { WireMessage } from "../../../src/inference/content.ts";
import { Turns } from "../../../src/turns.ts";

const decode = (message: WireMessage) => decodeEvent(message, 64, new Turns());
const bytes = (text: string) => new TextEncoder().encode(text);
const text = (body: readonly Uint8Array[]) => Buffer.concat(body).toString("utf8");
const ATTRIBUTES = { specversion: "1.0", id: "36077800", source: "http://here", type: "asked" };
const asHeaders = (attributes: Record<string, string>) =>
  Object.fromEntries(Object.entries(attributes).map(([name, value]) => [`ce-${name}`, value]));

describe("CloudEvents", () => {
  test("binary mode: attributes from headers, data as it is", async () => {
    const headers = { ...asHeaders(ATTRIBUTES), "ce-subject": "a%20b", "content-type": "application/json" };
    const { event, message } = await decode({ headers, body: [bytes('{"instances":[1]}')] });
    expect(event).toEqual({ mode: "binary", attributes: { ...ATTRIBUTES, subject: "a b" } });
    expect([message.headers, text(message.body)]).toEqual([
      { "content-type": "application/json" },
      '{"instances":[1]}',
    ]);
  });

  test("structured mode: data keeps integers beyond 2^53", async () => {
    const body = `{${Object.entries(ATTRIBUTES).map(([name, value]) => `"${name}":"${value}"`)},"data":{"instances":[9007199254740993]}}`;
    const headers = { "content-type": "application/cloudevents+json; charset=utf-8" };
    const { event, message } = await decode({ headers, body: [bytes(body)] });
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
  ])("structured mode: %s is handed on as it is written", async (member, data) => {
    const body = `{${Object.entries(ATTRIBUTES).map(([name, value]) => `"${name}":"${value}"`)},${member}, "x":"y"}`;
    const headers = { "content-type": "application/cloudevents+json" };
    expect(text((await decode({ headers, body: [bytes(body)] })).message.body)).toBe(data);
  });

  test.each([
    ["[]", "a structured CloudEvent must be a JSON object"],
    ['{"id":"1","id":"2"}', 'the key "id" comes twice in a CloudEvent'],
    ['{"data":1,"data_base64":""}', "data or data_base64, not both"],
    ['{"data":[1}', "expected ',' or '}', got the end"],
    ['{"data_base64":7}', "member 'data_base64' must be a text"],
    ['{"data_base64":"QUJ!"}', `member 'data_base64': expected base64, got "!" at character 4`],
    ['{"data_base64":"QUI"}', `member 'data_base64': expected base64, got 0 "=" at the end, expected 1`],
    ['{"data_base64":"QU\\nJD"}', `member 'data_base64': expected base64, got "\\n" at character 3`],
  ])("structured mode: %s is refused", async (body, message) => {
    const headers = { "content-type": "application/cloudevents+json" };
    await expect(decode({ headers, body: [bytes(body)] })).rejects.toThrow(message);
  });

  test("structured mode: more attributes than a head could carry, and a fault at the end of a long data_base64", async () => {
    const headers = { "content-type": "application/cloudevents+json" };
    const many = `{${Array.from({ length: 1025 }, (_, i) => `"a${i}":1`).join()}}`;
    await expect(decode({ headers, body: [bytes(many)] })).rejects.toThrow("more than 1024 attributes");
    const long = `{"data_base64":"${"QUJD".repeat(300_000)}QU-D"}`;
    await expect(decode({ headers, body: [bytes(long)] })).rejects.toThrow('got "-" at character 1200003');
  });

  test("structured mode: data_base64 is bytes of its own type", async () => {
    const event = { ...ATTRIBUTES, datacontenttype: "application/octet-stream", data_base64: "AAH/" };
    const headers = { "content-type": "application/cloudevents+json" };
    const { message } = await decode({ headers, body: [bytes(JSON.stringify(event))] });
    expect(message.headers["content-type"]).toBe("application/octet-stream");
    expect(Array.from(message.body[0] ?? [])).toEqual([0, 1, 255]);
  });

  test.each([
    ["short", "QUJD", 2],
    ["with slashes as PHP writes them", "QU\\/D", 2],
    ["long", "QUJD", 300_000],
    ["long, with escapes", "QU\\/D", 300_000],
  ])("structured mode: data_base64, %s", async (_, piece, count) => {
    const headers = { "content-type": "application/cloudevents+json" };
    const attributes = JSON.stringify(ATTRIBUTES).slice(0, -1);
    const body = `${attributes},"data_base64":"${piece.repeat(count)}QQ=="}`;
    const { message } = await decode({ headers, body: [bytes(body)] });
    const expected = `${piece.replace("\\", "").repeat(count)}QQ==`;
    expect(Buffer.compare(Buffer.concat(message.body), Buffer.from(expected, "base64"))).toBe(0);
  });

  test.each([
    ["an attribute that is missing", { ...ATTRIBUTES, source: "" }, "'source'"],
    ["another version", { ...ATTRIBUTES, specversion: "2.0" }, "expected 1.0"],
    ["bad percent-encoding", { ...ATTRIBUTES, subject: "%E0" }, "'ce-subject'"],
  ])("%s is refused by name", async (_, attributes, message) => {
    await expect(decode({ headers: asHeaders(attributes), body: [] })).rejects.toThrow(message);
  });

  test("a batch is refused", async () => {
    const headers = { "content-type": "application/cloudevents-batch+json" };
    expect(isCloudEvent(headers)).toBe(true);
    await expect(decode({ headers, body: [bytes("[]")] })).rejects.toThrow("batch");
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
