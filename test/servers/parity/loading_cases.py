"""Pictures with an EXIF orientation, loaded and prepared as the libraries that models come from do it.

    python loading_cases.py FOLDER        # FOLDER/loading.json

The pictures are orientation-1.jpg to -8.jpg of test/fixtures/image. Written is the SHA-256 of the float32 values that the model gets.
"""

import hashlib
import json
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import timm
import torchvision
import transformers
from timm.data import ImageDataset, create_transform, resolve_data_config
from torchvision.datasets.folder import default_loader
from torchvision.transforms._presets import ImageClassification
from transformers import AutoImageProcessor
from transformers.image_utils import load_image

PICTURES = Path(__file__).parents[2] / "fixtures" / "image"
TIMM = {"input_size": [3, 14, 14], "crop_pct": 0.9, "interpolation": "bicubic", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}
TORCHVISION = {"transforms": "ImageClassification", "crop_size": [14], "resize_size": [16]}
TRANSFORMERS = {"image_processor_type": "ViTImageProcessor", "size": {"height": 14, "width": 14}}


def with_timm(path):
    transform = create_transform(**resolve_data_config({}, pretrained_cfg=TIMM))
    return ImageDataset(str(path.parent), reader=[(str(path), 0)], transform=transform)[0][0].numpy()


def with_torchvision(path):
    return ImageClassification(crop_size=14, resize_size=16)(default_loader(str(path))).numpy()


def with_transformers(path):
    with TemporaryDirectory() as folder:
        (Path(folder) / "preprocessor_config.json").write_text(json.dumps(TRANSFORMERS))
        processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    return processor(load_image(str(path)), return_tensors="np")["pixel_values"][0]


def main():
    kinds = (
        (f"timm {timm.__version__}", {"config.json": {"pretrained_cfg": TIMM}}, with_timm),
        (f"torchvision {torchvision.__version__}", {"preprocessing.json": {"torchvision": TORCHVISION}}, with_torchvision),
        (f"transformers {transformers.__version__}", {"preprocessor_config.json": TRANSFORMERS}, with_transformers),
    )
    cases = []
    for library, files, prepare in kinds:
        values = [prepare(PICTURES / f"orientation-{number}.jpg") for number in range(1, 9)]
        digests = [hashlib.sha256(np.ascontiguousarray(one, np.float32).tobytes()).hexdigest()[:16] for one in values]
        cases.append({"library": library, "files": files, "pictures": digests})
    (Path(sys.argv[1]) / "loading.json").write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
