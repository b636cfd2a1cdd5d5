"""What Hugging Face's pipelines (transformers 4.57) make of tiny random models: text_tasks.py TOKENIZERS OUT

Writes OUT/tasks.json (logits and results) and OUT/classifier: a model's folder with an ONNX file. Needs torch, transformers
4.57 and onnx; the results are kept as fixtures, since no test needs to make them anew.
"""
import json
import sys
from pathlib import Path

import torch
import transformers
from transformers import BertConfig, BertForQuestionAnswering, BertForSequenceClassification, BertForTokenClassification, PreTrainedTokenizerFast, pipeline

tokenizers, out = Path(sys.argv[1]), Path(sys.argv[2])
TEXTS = ["Angela runs to Berlin", "unbelievable PREPROCESSING, don't they say?", "naïve café 🙂 in 東京 x", "The quick brown bears look at Zürich, Łódź and São Paulo late"]
QUESTIONS = [("who runs away?", "The quick brown fox jumps over a lazy dog and runs away from two bears. " * 9), ("where?", "It is late in Berlin, they say."), ("what?", "U.S.A.")]
LABELS = ["O", "B-PER", "I-PER", "B-LOC", "I-LOC"]


def tokenizer_of(name, **kwargs):
    return PreTrainedTokenizerFast(tokenizer_file=str(tokenizers / f"{name}.json"), model_max_length=64, **kwargs)


def config(tokenizer, **kwargs):
    return BertConfig(vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=16, max_position_embeddings=64, initializer_range=1.0, **kwargs)


def recorded(pipe):
    """The pipeline, with its model's logits kept."""
    kept = []
    pipe.model.register_forward_hook(lambda module, args, output: kept.append([value.squeeze(0).tolist() for value in output.values()]))
    return kept


def number(value):
    return value.item() if hasattr(value, "item") else value


result = {"transformers": transformers.__version__, "token": [], "question": [], "sequence": []}
bert = dict(unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]", mask_token="[MASK]")
roberta = dict(pad_token="<pad>", cls_token="<s>", sep_token="</s>", unk_token="<unk>", add_prefix_space=True)
for name, special in (("wordpiece-cased", bert), ("byte-level-roberta", roberta)):
    tokenizer = tokenizer_of(name, **special)
    torch.manual_seed(5)
    ids = dict(id2label=dict(enumerate(LABELS)), label2id={label: i for i, label in enumerate(LABELS)})
    model = BertForTokenClassification(config(tokenizer, **ids)).eval()
    for strategy in ("none", "simple", "first", "average", "max"):
        pipe = pipeline("token-classification", model=model, tokenizer=tokenizer, aggregation_strategy=strategy)
        logits = recorded(pipe)
        for text in TEXTS:
            entities = [{key: number(value) for key, value in entity.items()} for entity in pipe(text)]
            result["token"].append(dict(tokenizer=name, unknown=special["unk_token"], strategy=strategy, text=text, logits=logits[-1][0], entities=entities))
    torch.manual_seed(6)
    answering = BertForQuestionAnswering(config(tokenizer)).eval()
    for top, impossible in ((1, False), (3, False), (4, True)):
        pipe = pipeline("question-answering", model=answering, tokenizer=tokenizer)
        logits = recorded(pipe)
        for question, context in QUESTIONS:
            logits.clear()
            answers = pipe(question=question, context=context, top_k=top, handle_impossible_answer=impossible, max_seq_len=40, doc_stride=20)
            answers = answers if isinstance(answers, list) else [answers]
            result["question"].append(dict(tokenizer=name, question=question, context=context, top=top, handleImpossible=impossible, windows=[list(w) for w in logits], answers=[{k: number(v) for k, v in a.items()} for a in answers]))

tokenizer = tokenizer_of("wordpiece-uncased", **bert)
for problem, labels in (("single_label_classification", ["sad", "happy", "angry"]), ("multi_label_classification", ["sad", "happy", "angry"]), ("regression", ["stars"])):
    torch.manual_seed(7)
    model = BertForSequenceClassification(config(tokenizer, problem_type=problem, id2label=dict(enumerate(labels)), label2id={label: i for i, label in enumerate(labels)})).eval()
    pipe = pipeline("text-classification", model=model, tokenizer=tokenizer, top_k=None)
    logits = recorded(pipe)
    for text in TEXTS:
        scores = pipe(text)
        result["sequence"].append(dict(problem=problem, labels=labels, text=text, logits=logits[-1][0] if isinstance(logits[-1][0], list) else [logits[-1][0]], scores=scores[0] if isinstance(scores[0], list) else scores))
    if problem == "single_label_classification":
        folder = out / "classifier"
        model.save_pretrained(folder, safe_serialization=True)
        (folder / "model.safetensors").unlink()
        tokenizer.save_pretrained(folder)
        example = tokenizer("a text", return_tensors="pt")
        names = ["input_ids", "attention_mask", "token_type_ids"]
        axes = {0: "batch", 1: "sequence"}
        torch.onnx.export(model, tuple(example[n] for n in names), str(folder / "model.onnx"), input_names=names, output_names=["logits"], dynamic_axes={**{n: axes for n in names}, "logits": {0: "batch"}}, dynamo=False, opset_version=17)
(out / "tasks.json").write_text(json.dumps(result, separators=(",", ":")))
