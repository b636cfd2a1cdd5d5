"""Trains eleven small tokenizers of different kinds, and encodes 2,000 generated lines with Hugging Face's Rust library.

tokenizers_cases.py train FOLDER   writes tokenizer files: NAME.json
tokenizers_cases.py encode FOLDER OUT [LINES]   writes OUT/lines.json and OUT/NAME.json for each NAME.json in FOLDER
tokenizers_cases.py cut FOLDER OUT   writes OUT/truncation.json and OUT/padding.json
"""
import io
import json
import random
import sys
from pathlib import Path

import tokenizers
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

WORDS = (
    "the quick brown fox jumps over a lazy dog and runs away from two bears while nobody looks at them because it is late "
    "people say that models learn words piece by piece unbelievable tokenization preprocessing international "
    "Berlin Zürich naïve café résumé Straße Größe façade São Paulo Łódź Đà Nẵng smörgåsbord İstanbul "
    "ΟΔΟΣ λόγος Ἀθῆναι привет мир Москва жизнь שלום עולם مرحبا بالعالم नमस्ते दुनिया สวัสดี "
    "你好 世界 东京 日本語 テスト カタカナ ひらがな 한국어 안녕 ｆｕｌｌ ﬁne ²³ ½ ① ㎏ 𠀀𠀁 𝒽𝑒𝓁𝓁𝑜 "
    "🙂 👨‍👩‍👧 🇩🇪 ❤️ don't it's we'll I'm they've 'quoted' U.S.A. 3.14 1,000,000 2024-05-06 v1.2.3 x86_64 a_b_c "
    "foo@bar.com https://example.org/path?q=1#frag #tag $9.99 50% C++ <b> </b> {x} [y] (z) ... -- — “quotes” «guillemets» "
    "e\u0301te\u0301 n\u0303 o\u0308\u0323 A\u030a \u1100\u1161\u11a8 \u0915\u093f"
).split()
SPACES = [" "] * 12 + ["  ", "   ", "\t", "\n", "\u00a0", "\u3000", "\u200b", "\r\n", " \n "]


def lines(count, seed=7):
    rng = random.Random(seed)
    out = ["", " ", "\n", "[CLS]", "a", "\u0301", "[MASK] [SEP]", "x" * 150, "\ufeffstart", "<s>pad</s>"]
    while len(out) < count:
        parts = []
        for _ in range(rng.randint(1, 24)):
            kind = rng.random()
            if kind < 0.8:
                word = rng.choice(WORDS)
            elif kind < 0.9:
                word = "".join(rng.choice("abcdefghijklmnopqrstuvwxyz") for _ in range(rng.randint(1, 12)))
            elif kind < 0.94:
                word = str(rng.randint(0, 10**rng.randint(1, 9)))
            elif kind < 0.97:
                word = chr(rng.choice([rng.randint(0x20, 0x24F), rng.randint(0x370, 0x5FF), rng.randint(0x3040, 0x30FF), rng.randint(0x4E00, 0x4FFF), rng.randint(0x1F600, 0x1F64F)]))
            else:
                word = rng.choice(["[MASK]", "[SEP]", "<mask>", "<extra>", "[UNK]", "<s>"])
            word = rng.choice([word, word, word, word.upper(), word.capitalize(), word + rng.choice(".,;:!?")])
            parts.append(word + rng.choice(SPACES))
        out.append("".join(parts)[: rng.choice([None, None, -1])])
    return out


SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def bert_template(tokenizer, cls="[CLS]", sep="[SEP]"):
    ids = [(token, tokenizer.token_to_id(token)) for token in (cls, sep)]
    return processors.TemplateProcessing(single=f"{cls} $A {sep}", pair=f"{cls} $A {sep} $B:1 {sep}:1", special_tokens=ids)


def precompiled(corpus):
    """SentencePiece's own unigram with its compiled table (nmt_nfkc), as XLM-R and T5 have it; training alone needs the package."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2

    written = io.BytesIO()
    sentences = (line.replace("\n", " ") for line in corpus if line.strip())
    sentencepiece.SentencePieceTrainer.train(sentence_iterator=sentences, model_writer=written, vocab_size=700, model_type="unigram", character_coverage=0.98, minloglevel=2)
    model = sentencepiece_model_pb2.ModelProto.FromString(written.getvalue())
    tokenizer = Tokenizer(models.Unigram([(piece.piece, piece.score) for piece in model.pieces], unk_id=0, byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Precompiled(model.normalizer_spec.precompiled_charsmap), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
    return tokenizer


def build():
    corpus = lines(1500, seed=3)
    made = {}

    def train(name, model, trainer, normalizer=None, pre=None, post=None, decoder=None):
        tokenizer = Tokenizer(model)
        if normalizer is not None:
            tokenizer.normalizer = normalizer
        if pre is not None:
            tokenizer.pre_tokenizer = pre
        tokenizer.train_from_iterator(corpus, trainer)
        if post is not None:
            tokenizer.post_processor = post(tokenizer)
        if decoder is not None:
            tokenizer.decoder = decoder
        made[name] = tokenizer
        return tokenizer

    byte_alphabet = pre_tokenizers.ByteLevel.alphabet()
    word_piece = dict(vocab_size=700, special_tokens=SPECIAL, show_progress=False)
    train("wordpiece-uncased", models.WordPiece(unk_token="[UNK]"), trainers.WordPieceTrainer(**word_piece),
          normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer(), bert_template)
    train("wordpiece-cased", models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=30), trainers.WordPieceTrainer(**word_piece),
          normalizers.BertNormalizer(lowercase=False), pre_tokenizers.BertPreTokenizer(),
          lambda t: processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2)))
    byte_special = ["<s>", "<pad>", "</s>", "<unk>"]
    roberta = train("byte-level-roberta", models.BPE(), trainers.BpeTrainer(vocab_size=800, special_tokens=byte_special, initial_alphabet=byte_alphabet, show_progress=False),
          None, pre_tokenizers.ByteLevel(add_prefix_space=True), lambda t: processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=True), decoders.ByteLevel())
    roberta.add_special_tokens([AddedToken("<mask>", lstrip=True, rstrip=False, normalized=False)])
    train("byte-level-gpt2", models.BPE(), trainers.BpeTrainer(vocab_size=800, special_tokens=["<|endoftext|>"], initial_alphabet=byte_alphabet, show_progress=False),
          None, pre_tokenizers.ByteLevel(add_prefix_space=False), lambda t: processors.ByteLevel(trim_offsets=False), decoders.ByteLevel())
    pattern = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    train("byte-level-llama3", models.BPE(ignore_merges=True), trainers.BpeTrainer(vocab_size=800, special_tokens=["<|begin|>", "<|end|>"], initial_alphabet=byte_alphabet, show_progress=False),
          normalizers.NFC(), pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)]),
          lambda t: processors.Sequence([processors.ByteLevel(trim_offsets=True), processors.TemplateProcessing(single="<|begin|> $A", pair="<|begin|> $A <|begin|>:1 $B:1", special_tokens=[("<|begin|>", 0)])]), decoders.ByteLevel())
    byte_tokens = [f"<0x{byte:02X}>" for byte in range(256)]
    train("bpe-byte-fallback", models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True), trainers.BpeTrainer(vocab_size=1300, special_tokens=["<unk>", "<s>", "</s>"] + byte_tokens, limit_alphabet=120, show_progress=False),
          normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")]), None,
          lambda t: processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 1)]))
    train("bpe-end-of-word", models.BPE(unk_token="<unk>", end_of_word_suffix="</w>", fuse_unk=False), trainers.BpeTrainer(vocab_size=900, special_tokens=["<unk>", "<s>", "</s>"], end_of_word_suffix="</w>", limit_alphabet=150, show_progress=False),
          normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]),
          pre_tokenizers.Sequence([pre_tokenizers.Whitespace(), pre_tokenizers.Digits(individual_digits=True)]),
          lambda t: processors.RobertaProcessing(("</s>", 2), ("<s>", 1), trim_offsets=False, add_prefix_space=False))
    train("unigram-metaspace", models.Unigram(), trainers.UnigramTrainer(vocab_size=700, special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"], unk_token="<unk>", show_progress=False),
          normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")]), pre_tokenizers.Metaspace(),
          lambda t: processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]), decoders.Metaspace())
    train("unigram-albert", models.Unigram(), trainers.UnigramTrainer(vocab_size=500, special_tokens=["<pad>", "<unk>", "[CLS]", "[SEP]"], unk_token="<unk>", show_progress=False),
          normalizers.Sequence([normalizers.Strip(), normalizers.Replace("``", '"'), normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()]),
          pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="first")]), bert_template)
    made["unigram-precompiled"] = precompiled(corpus)
    level = train("word-level", models.WordLevel(unk_token="[UNK]"), trainers.WordLevelTrainer(vocab_size=400, special_tokens=SPECIAL, show_progress=False),
          normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents()]),
          pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("merged_with_previous"), pre_tokenizers.Split("-", "merged_with_next")]), bert_template)
    level.add_tokens([AddedToken("<extra>", normalized=True, rstrip=True), "Größe"])
    return made


def row(encoding):
    return [encoding.ids, encoding.type_ids, encoding.offsets, encoding.word_ids, encoding.special_tokens_mask]


def dump(file, value):
    file.write_text(json.dumps(value, separators=(",", ":")))


def encode(folder, out, count):
    texts = lines(count)
    dump(out / "lines.json", texts)
    pairs = [(text, texts[-1 - index]) for index, text in enumerate(texts[: count // 10])]
    for file in sorted(folder.glob("*.json")):
        tokenizer = Tokenizer.from_file(str(file))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        dump(out / f"{file.stem}.json", [row(e) for e in tokenizer.encode_batch(texts) + tokenizer.encode_batch(pairs)])
    (out / "version.txt").write_text(tokenizers.__version__)


def cut(folder, out):
    """Truncation with windows, and padding: what Rust's library makes of three texts and two pairs."""
    long = "unbelievable people say that models learn words piece by piece and look at bears"
    inputs = ["the dog", long, "naïve café " * 9, ["the dog", long], [long, "it's late, says nobody"]]
    cases = []
    for name in ("wordpiece-uncased", "byte-level-roberta"):
        for max_length in (5, 12, 31):
            for stride in (0, 1):
                for strategy in ("longest_first", "only_first", "only_second"):
                    for direction in ("right", "left"):
                        for input in inputs:
                            pair = isinstance(input, list)
                            if strategy == "only_second" and not pair or pair and strategy == "longest_first" and stride > 0:
                                continue
                            tokenizer = Tokenizer.from_file(str(folder / f"{name}.json"))
                            tokenizer.enable_truncation(max_length, stride=stride, strategy=strategy, direction=direction)
                            try:
                                e = tokenizer.encode(*input) if pair else tokenizer.encode(input)
                                windows = [row(w) for w in [e] + ([] if pair and strategy == "longest_first" else e.overflowing)]
                            except Exception as error:
                                windows = str(error)
                            cases.append(dict(tokenizer=name, text=input, options=dict(maxLength=max_length, stride=stride, strategy=strategy, side=direction), windows=windows))
    dump(out / "truncation.json", cases)
    paddings = []
    for options in (dict(), dict(length=20), dict(pad_to_multiple_of=8), dict(direction="left"), dict(length=9, pad_to_multiple_of=4, direction="left", pad_type_id=1)):
        tokenizer = Tokenizer.from_file(str(folder / "wordpiece-uncased.json"))
        tokenizer.enable_padding(pad_id=tokenizer.token_to_id("[PAD]"), pad_token="[PAD]", **options)
        paddings.append(dict(options=options, rows=[[e.ids, e.attention_mask, e.type_ids] for e in tokenizer.encode_batch(["the dog", long, ("a", "b")])]))
    dump(out / "padding.json", dict(texts=["the dog", long, ["a", "b"]], cases=paddings))


if __name__ == "__main__":
    action, folder, *rest = sys.argv[1:]
    if action == "train":
        for name, tokenizer in build().items():
            tokenizer.save(str(Path(folder) / f"{name}.json"), pretty=False)
    elif action == "cut":
        cut(Path(folder), Path(rest[0]))
    else:
        encode(Path(folder), Path(rest[0]), int(rest[1]) if len(rest) > 1 else 2000)
