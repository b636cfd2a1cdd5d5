import { importPeer } from "../../import-peer.ts";

interface BpeOptions {
  readonly type: "BPE";
  readonly vocab: Readonly<Record<string, number>>;
  readonly merges: readonly (readonly [string, string])[];
  readonly end_of_word_suffix: string | undefined;
}

interface UnigramOptions {
  readonly type: "Unigram";
  readonly unk_id: number;
  readonly vocab: readonly (readonly [string, number])[];
}

interface WordPieceOptions {
  readonly type: "WordPiece";
  readonly vocab: Readonly<Record<string, number>>;
  readonly unk_token: string;
  readonly continuing_subword_prefix: string;
  readonly max_input_chars_per_word: number;
}

/**
 * What is used of the optional peer: the splitting of words, and the translation of Oniguruma's patterns. (Its own
 * declarations leave out file extensions and do not resolve under Node's rules.)
 */
export interface TokenizersLibrary {
  /** Symbols of a word, unknown ones included. */
  readonly BPE: new (
    options: BpeOptions,
  ) => { bpe(word: string): readonly string[] };
  /** Symbols of a piece, unknown ones included. */
  readonly Unigram: new (
    options: UnigramOptions,
    eosToken: string,
  ) => { tokenize(piece: string): readonly string[] };
  readonly WordPiece: new (options: WordPieceOptions) => { encode(words: readonly string[]): readonly string[] };
  readonly SplitPreTokenizer: new (options: {
    readonly type: "Split";
    readonly pattern: { readonly Regex: string };
    readonly behavior: "isolated";
    readonly invert: boolean;
  }) => { readonly pattern: RegExp | null };
}

/** @throws InferenceError unimplemented with the install command, when the package is missing. */
export function loadTokenizersLibrary(): Promise<TokenizersLibrary> {
  return importPeer(
    "@huggingface/tokenizers",
    "tokenizers need a package that is not installed: npm install @huggingface/tokenizers",
  );
}
