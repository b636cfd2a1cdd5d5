import { InferenceError } from "../../errors.ts";
import type { PatternConfig } from "./tokenizer-json.ts";
import type { TokenizersLibrary } from "./tokenizers-library.ts";

/**
 * A pattern as a JavaScript regular expression with the flags `gu`; the library translates Oniguruma's.
 * @throws InferenceError unimplemented when it cannot be translated, or means something else in JavaScript.
 */
export function compilePattern(config: PatternConfig, library: TokenizersLibrary): RegExp {
  if ("String" in config) return new RegExp(config.String.replace(/[$()*+.?[\\\]^{|}/]/g, "\\$&"), "gu");
  const refused = REFUSED.find(([construct]) => construct.test(config.Regex));
  if (refused !== undefined) throw untranslatable(config.Regex, `${refused[1]} differ in JavaScript`);
  try {
    const { pattern } = new library.SplitPreTokenizer({
      type: "Split",
      pattern: config,
      behavior: "isolated",
      invert: false,
    });
    if (pattern !== null) return new RegExp(pattern.source, "gu");
  } catch (cause) {
    throw untranslatable(config.Regex, cause instanceof Error ? cause.message : "not translated");
  }
  throw untranslatable(config.Regex, "not translated");
}

/** What the library's README names as different. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/\(\?>/, "atomic groups"],
  [/\\G/, "anchors at the end of the last match (\\G)"],
];

function untranslatable(regex: string, reason: string): InferenceError {
  const message = `tokenizer.json: the pattern ${JSON.stringify(regex)} cannot be reproduced: ${reason}`;
  return new InferenceError(message, { code: "unimplemented" });
}
