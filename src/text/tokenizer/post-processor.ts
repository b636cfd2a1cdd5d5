import { InferenceError } from "../../errors.ts";
import { SPACE_LETTER } from "./byte-level.ts";
import { isWhitespace } from "./character-classes.ts";
import type { EncodedToken } from "./encoding.ts";
import type { PostProcessorConfig, TemplatePiece } from "./tokenizer-json.ts";

/** A special token, or the place of a text. */
export type Segment =
  | { readonly id: number; readonly token: string; readonly typeId: number }
  | { readonly sequence: 0 | 1; readonly typeId: number };

export interface PostProcessor {
  /** Where special tokens go for one text. */
  readonly single: readonly Segment[];
  /** Where they go for a pair. */
  readonly pair: readonly Segment[];
  /** Takes white space out of the offsets of a text's tokens. */
  readonly trimOffsets: ((tokens: readonly EncodedToken[]) => EncodedToken[]) | undefined;
}

const PLAIN: PostProcessor = {
  single: [{ sequence: 0, typeId: 0 }],
  pair: [
    { sequence: 0, typeId: 0 },
    { sequence: 1, typeId: 1 },
  ],
  trimOffsets: undefined,
};

/** @throws InferenceError unimplemented for a sequence with two templates. */
export function createPostProcessor(config: PostProcessorConfig | null): PostProcessor {
  if (config === null) return PLAIN;
  switch (config.type) {
    case "Sequence":
      return config.processors.map(createPostProcessor).reduce(combine, PLAIN);
    case "ByteLevel":
      return { ...PLAIN, trimOffsets: config.trim_offsets ? createTrim(config.add_prefix_space) : undefined };
    case "BertProcessing":
      return { ...PLAIN, ...wrap(config.cls, config.sep, 1) };
    case "RobertaProcessing":
      return {
        ...wrapRoberta(config.cls, config.sep),
        trimOffsets: config.trim_offsets ? createTrim(config.add_prefix_space) : undefined,
      };
    case "TemplateProcessing": {
      const segments = (template: readonly TemplatePiece[]) =>
        template.flatMap((piece) => templateSegments(piece, config.special_tokens));
      return { ...PLAIN, single: segments(config.single), pair: segments(config.pair) };
    }
  }
}

function combine(before: PostProcessor, next: PostProcessor): PostProcessor {
  const isTemplate = (processor: PostProcessor) => processor.single !== PLAIN.single;
  if (isTemplate(before) && isTemplate(next)) {
    throw new InferenceError("tokenizer.json: post_processor: two templates in a sequence are not supported", {
      code: "unimplemented",
    });
  }
  const template = isTemplate(next) ? next : before;
  return { single: template.single, pair: template.pair, trimOffsets: next.trimOffsets ?? before.trimOffsets };
}

type Special = readonly [token: string, id: number];

function wrap([clsToken, clsId]: Special, [sepToken, sepId]: Special, typeId: number) {
  const cls = { token: clsToken, id: clsId, typeId: 0 };
  const sep = { token: sepToken, id: sepId, typeId: 0 };
  const single: Segment[] = [cls, { sequence: 0, typeId: 0 }, sep];
  return { single, pair: [...single, { sequence: 1, typeId }, { ...sep, typeId }] as Segment[] };
}

/** Two separators between the texts of a pair, and type 0 throughout. */
function wrapRoberta(cls: Special, sep: Special) {
  const { single } = wrap(cls, sep, 0);
  const mark = { token: sep[0], id: sep[1], typeId: 0 };
  return { single, pair: [...single, mark, { sequence: 1, typeId: 0 }, mark] as Segment[] };
}

function templateSegments(
  { SpecialToken: special, Sequence: sequence }: TemplatePiece,
  tokens: Extract<PostProcessorConfig, { type: "TemplateProcessing" }>["special_tokens"],
): Segment[] {
  if (sequence !== undefined) return [{ sequence: sequence.id === "A" ? 0 : 1, typeId: sequence.type_id }];
  const found = tokens[special?.id ?? ""];
  if (special === undefined || found === undefined) {
    throw new InferenceError(`tokenizer.json: post_processor.special_tokens: ${special?.id} is missing`);
  }
  return found.ids.map((id, index) => ({ id, token: found.tokens[index] ?? special.id, typeId: special.type_id }));
}

const isSpace = (char: string): boolean => char === SPACE_LETTER || isWhitespace(char);

/** `process_offsets` of Hugging Face's Rust library. */
function createTrim(addPrefixSpace: boolean): (tokens: readonly EncodedToken[]) => EncodedToken[] {
  return (tokens) =>
    tokens.map((token, index) => {
      const chars = Array.from(token.token);
      const firstOther = chars.findIndex((char) => !isSpace(char));
      let leading = firstOther === -1 ? chars.length : firstOther;
      const trailing =
        firstOther === -1 ? chars.length : chars.length - 1 - chars.findLastIndex((char) => !isSpace(char));
      let [start, end] = token.offsets;
      if (leading > 0) {
        if ((index === 0 || start === 0) && addPrefixSpace) leading--;
        start = Math.min(start + leading, end);
      }
      if (trailing > 0 && end >= trailing) end = Math.max(end - trailing, start);
      return { ...token, offsets: [start, end] };
    });
}
