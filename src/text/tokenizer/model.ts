import { InferenceError } from "../../errors.ts";
import type { ModelConfig } from "./tokenizer-json.ts";
import type { TokenizersLibrary } from "./tokenizers-library.ts";

/** A token of a piece: `length` of the piece's code points, 0 for all bytes but the first of a code point in bytes. */
export interface ModelToken {
  readonly token: string;
  readonly id: number;
  readonly from: number;
  readonly to: number;
}

export interface TokenModel {
  readonly vocabulary: ReadonlyMap<string, number>;
  /** Tokens of one piece, in order. */
  tokenize(piece: readonly string[]): ModelToken[];
}

/** The model of a tokenizer.json: the splitting is the library's, unknown symbols are handled as Rust's library does. */
export function createTokenModel(config: ModelConfig, library: TokenizersLibrary): TokenModel {
  switch (config.type) {
    case "WordLevel": {
      const vocabulary = new Map(Object.entries(config.vocab));
      const unknown = unknownToken(config.unk_token, vocabulary);
      return {
        vocabulary,
        tokenize: (piece) => {
          const token = piece.join("");
          const id = vocabulary.get(token);
          return [{ ...(id === undefined ? unknown : { token, id }), from: 0, to: piece.length }];
        },
      };
    }
    case "WordPiece":
      return createWordPiece(config, library);
    case "BPE":
      return createBpe(config, library);
    case "Unigram":
      return createUnigram(config, library);
  }
}

type Config<Type extends ModelConfig["type"]> = Extract<ModelConfig, { type: Type }>;

function unknownToken(token: string, vocabulary: ReadonlyMap<string, number>): { token: string; id: number } {
  const id = vocabulary.get(token);
  if (id !== undefined) return { token, id };
  throw new InferenceError(`tokenizer.json: model.unk_token: ${JSON.stringify(token)} is not in the vocabulary`);
}

function createWordPiece(config: Config<"WordPiece">, library: TokenizersLibrary): TokenModel {
  const model = new library.WordPiece(config);
  const vocabulary = new Map(Object.entries(config.vocab));
  const unknown = unknownToken(config.unk_token, vocabulary);
  const prefix = Array.from(config.continuing_subword_prefix).length;
  return {
    vocabulary,
    tokenize: (piece) => {
      const tokens = model.encode([piece.join("")]);
      if (tokens.length === 1 && tokens[0] === config.unk_token) return [{ ...unknown, from: 0, to: piece.length }];
      let from = 0;
      return tokens.map((token, index) => {
        const to = from + Array.from(token).length - (index === 0 ? 0 : prefix);
        const made = { token, id: vocabulary.get(token) ?? unknown.id, from, to };
        from = to;
        return made;
      });
    },
  };
}

function createBpe(config: Config<"BPE">, library: TokenizersLibrary): TokenModel {
  const merges = config.merges.map((merge): [string, string] => {
    const [left = "", right = ""] = typeof merge === "string" ? merge.split(" ") : merge;
    return [left, right];
  });
  const ending = config.end_of_word_suffix ?? "";
  const model = new library.BPE({
    type: "BPE",
    vocab: config.vocab,
    merges,
    end_of_word_suffix: ending === "" ? undefined : ending,
  });
  const vocabulary = new Map(Object.entries(config.vocab));
  const unknown = config.unk_token == null ? undefined : unknownToken(config.unk_token, vocabulary);

  const symbolsOf = (piece: string) => (config.ignore_merges && vocabulary.has(piece) ? [piece] : model.bpe(piece));
  const bytesOf = (symbol: string): { token: string; id: number }[] | undefined => {
    if (!config.byte_fallback) return undefined;
    const tokens = Array.from(Buffer.from(symbol), (byte) => {
      const token = `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
      return { token, id: vocabulary.get(token) ?? -1 };
    });
    return tokens.some(({ id }) => id < 0) ? undefined : tokens;
  };
  return {
    vocabulary,
    tokenize: (piece) => {
      const tokens: ModelToken[] = [];
      let from = 0;
      let unknownAt = -1;
      const symbols = symbolsOf(piece.join(""));
      symbols.forEach((symbol, index) => {
        const isLast = ending !== "" && index === symbols.length - 1 && symbol.endsWith(ending);
        const to = from + Array.from(isLast ? symbol.slice(0, -ending.length) : symbol).length;
        const id = vocabulary.get(symbol);
        if (id !== undefined) tokens.push({ token: symbol, id, from, to });
        else {
          const bytes = bytesOf(symbol);
          if (bytes !== undefined) for (const byte of bytes) tokens.push({ ...byte, from, to });
          else if (unknown !== undefined) {
            const last = tokens.at(-1);
            if (config.fuse_unk && last !== undefined && unknownAt === tokens.length - 1) {
              tokens[unknownAt] = { ...last, to };
            } else {
              unknownAt = tokens.length;
              tokens.push({ ...unknown, from, to });
            }
          }
        }
        from = to;
      });
      return tokens;
    },
  };
}

function createUnigram(config: Config<"Unigram">, library: TokenizersLibrary): TokenModel {
  const [unknown] = config.vocab[config.unk_id] ?? [];
  if (unknown === undefined) {
    throw new InferenceError(`tokenizer.json: model.unk_id: ${config.unk_id} is not in the vocabulary`);
  }
  const model = new library.Unigram(config, "");
  const vocabulary = new Map(config.vocab.map(([token], id) => [token, id]));
  return {
    vocabulary,
    tokenize: (piece) => {
      const tokens: ModelToken[] = [];
      let from = 0;
      for (const token of model.tokenize(piece.join(""))) {
        const to = from + Array.from(token).length;
        const id = vocabulary.get(token) ?? config.unk_id;
        const last = tokens.at(-1);
        // Unknown symbols side by side are one token, as in SentencePiece.
        if (id === config.unk_id && last?.id === id)
          tokens[tokens.length - 1] = { ...last, token: last.token + token, to };
        else tokens.push({ token, id, from, to });
        from = to;
      }
      return tokens;
    },
  };
}
