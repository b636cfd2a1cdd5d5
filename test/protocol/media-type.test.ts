import { isJson, isOctetStream, parseMediaTypes } from "../../src/protocol/media-type.ts";

test.each([
  [undefined, []],
  ["", []],
  ["application/json", [{ essence: "application/json", parameters: {} }]],
  [" Application/JSON ; Charset=UTF-8", [{ essence: "application/json", parameters: { charset: "UTF-8" } }]],
  ['text/plain; a="x, y; \\"z\\""; b = 1; b=2; c', [{ essence: "text/plain", parameters: { a: 'x, y; "z"', b: "1" } }]],
  [
    "application/json, application/octet-stream",
    [
      { essence: "application/json", parameters: {} },
      { essence: "application/octet-stream", parameters: {} },
    ],
  ],
])("%p is parsed", (header, types) => {
  expect(parseMediaTypes(header)).toEqual(types);
});

test("JSON and octet streams are told by their essence", () => {
  const is = (header: string) => parseMediaTypes(header).map((type) => [isJson(type), isOctetStream(type)]);
  expect(is("application/json;charset=utf-8")).toEqual([[true, false]]);
  expect(is("application/problem+json")).toEqual([[true, false]]);
  expect(is("application/octet-stream")).toEqual([[false, true]]);
  expect(is("application/jsonp")).toEqual([[false, false]]);
});
