import type { Codec } from "./codec.ts";
import { v1Codec } from "./v1/v1-codec.ts";
import { v2Codec } from "./v2/v2-codec.ts";

/** The codec of a wire form over HTTP; `--protocol` and routes name them the same way. */
export function selectCodec(wire: "v1" | "v2"): Codec {
  return wire === "v1" ? v1Codec : v2Codec;
}
