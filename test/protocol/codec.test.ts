import { selectCodec } from "../../src/protocol/select-codec.ts";
import { testCodec } from "./codec-suite.ts";

describe("V1 rows", () => {
  testCodec({
    codec: selectCodec("v1"),
    // Rows need a first dimension, and nothing says how long the arrays inside no array are.
    carries: (shape) => shape.length > 0 && (shape.indexOf(0) === shape.length - 1) === shape.includes(0),
    headers: { "content-type": "application/json" },
    bits: false,
  });
});

describe("V1 columns", () => {
  testCodec({
    codec: selectCodec("v1"),
    encoding: { v1Form: "columns" },
    carries: (shape) => (shape.indexOf(0) === shape.length - 1) === shape.includes(0),
    headers: { "content-type": "application/json" },
    bits: false,
  });
});

describe("V2 JSON", () => {
  testCodec({ codec: selectCodec("v2"), headers: { "content-type": "application/json" }, bits: false });
});

describe("V2 binary", () => {
  testCodec({
    codec: selectCodec("v2"),
    encoding: { binary: true },
    headers: { "content-type": "application/octet-stream", "inference-header-content-length": "8" },
    bits: true,
  });
});
