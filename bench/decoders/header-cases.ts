import { connectionOptions } from "../../src/policy/hop-by-hop.ts";
import { parseMediaTypes } from "../../src/protocol/media-type.ts";
import { compressResponse } from "../../src/server/http/compress-response.ts";
import { matchRoute } from "../../src/server/http/routes.ts";
import { HEADERS, repeated, type StopCase } from "./stop-case.ts";

export const HEADER_CASES: readonly StopCase[] = [
  {
    name: "media types, commas",
    most: HEADERS,
    make: repeated("", ",", ""),
    run: (input) => parseMediaTypes(input.toString("latin1")),
  },
  {
    name: "media types, parameters",
    most: HEADERS,
    make: repeated("a/b", ";a=b", ""),
    run: (input) => parseMediaTypes(input.toString("latin1")),
  },
  {
    name: "media types, quotes",
    most: HEADERS,
    make: repeated('a/b;a="', '\\"', ""),
    run: (input) => parseMediaTypes(input.toString("latin1")),
  },
  {
    name: "connection header, commas",
    most: HEADERS,
    make: repeated("", "a,", ""),
    run: (input) => connectionOptions(input.toString("latin1")),
  },
  {
    name: "accept-encoding, commas",
    most: HEADERS,
    make: repeated("", "a;q=1,", ""),
    run: (input) =>
      compressResponse(input.toString("latin1"), { status: 200, headers: { "content-type": "text/plain" }, body: [] }),
  },
  {
    name: "path, escapes",
    most: HEADERS,
    make: repeated("/v1/models/", "%41", ":predict"),
    run: (input) => matchRoute(input.toString("latin1")),
  },
  {
    name: "path, slashes",
    most: HEADERS,
    make: repeated("/v2/models/m", "/", "infer"),
    run: (input) => matchRoute(input.toString("latin1")),
  },
  {
    name: "path, a verb of many letters",
    most: HEADERS,
    make: repeated("/v1/models/m:", "predict", ""),
    run: (input) => matchRoute(input.toString("latin1")),
  },
];
