"""Pictures with an EXIF orientation, loaded and prepared as the libraries that models come from do it.

    python loading_cases.py FOLDER LIBRARY...        # their lines of FOLDER/loading.json

The pictures are orientation-1.jpg to -8.jpg of test/fixtures/image. Written is the SHA-256 of the float32 values that the model gets.
"""

import hashlib
import importlib.metadata
import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import numpy as np

PICTURES = Path(__file__).parents[2] / "fixtures" / "image"
TIMM = {"input_size": [3, 14, 14], "crop_pct": 0.9, "interpolation": "bicubic", "mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}
TORCHVISION = {"transforms": "ImageClassification", "crop_size": [14], "resize_size": [16]}
TRANSFORMERS = {"image_processor_type": "ViTImageProcessor", "size": {"height": 14, "width": 14}}
KERAS = {"size": [14, 12], "interpolation": "bilinear", "preprocess_input": "resnet"}
ULTRALYTICS = {"author": "Ultralytics", "stride": 32, "imgsz": [64, 64], "names": {"0": "one"}}


def timm_files():
    from timm.data import ImageDataset, create_transform, resolve_data_config

    transform = create_transform(**resolve_data_config({}, pretrained_cfg=TIMM))
    yield {"config.json": {"pretrained_cfg": TIMM}}, lambda path: ImageDataset(str(path.parent), reader=[(str(path), 0)], transform=transform)[0][0].numpy()


def torchvision_files():
    from torchvision.datasets.folder import default_loader
    from torchvision.transforms._presets import ImageClassification

    prepare = ImageClassification(crop_size=14, resize_size=16)
    yield {"preprocessing.json": {"torchvision": TORCHVISION}}, lambda path: prepare(default_loader(str(path)))


def transformers_files():
    from transformers import AutoImageProcessor
    from transformers.image_utils import load_image

    with TemporaryDirectory() as folder:
        (Path(folder) / "preprocessor_config.json").write_text(json.dumps(TRANSFORMERS))
        processor = AutoImageProcessor.from_pretrained(folder, backend="pil")
    yield {"preprocessor_config.json": TRANSFORMERS}, lambda path: processor(load_image(str(path)), return_tensors="np")["pixel_values"][0]


def keras_files():
    """By `load_img`. The loader of folders decodes JPEG by another transform (docs/parity.md), so that its values are no case."""
    import keras

    def prepare(path):
        picture = keras.utils.load_img(path, target_size=(14, 12), interpolation="bilinear")
        return keras.applications.resnet.preprocess_input(keras.utils.img_to_array(picture))

    yield {"preprocessing.json": {"keras": KERAS}}, prepare


def ultralytics_files():
    from PIL import Image
    from ultralytics.data.augment import LetterBox, classify_transforms
    from ultralytics.data.loaders import LoadImagesAndVideos

    def load(path):
        [[_, [picture], _]] = LoadImagesAndVideos(str(path))
        return picture

    def detect(path):
        return LetterBox([64, 64], auto=False, stride=32)(image=load(path))[..., ::-1].transpose(2, 0, 1) / np.float32(255)

    def classify(path):
        return classify_transforms([64, 64])(Image.fromarray(load(path)[..., ::-1].copy()))

    for task, prepare in (("detect", detect), ("classify", classify)):
        args = {"batch": 1, "half": False, "dynamic": False}
        yield {"metadata.yaml": {**ULTRALYTICS, "task": task, "args": args}}, prepare


def main():
    folder, *libraries = sys.argv[1:]
    file = Path(folder) / "loading.json"
    cases = [case for case in json.loads(file.read_text()) if case["library"].split()[0] not in libraries]
    for library in libraries:
        for files, prepare in globals()[f"{library}_files"]():
            values = [prepare(PICTURES / f"orientation-{number}.jpg") for number in range(1, 9)]
            digests = [hashlib.sha256(np.ascontiguousarray(one, np.float32).tobytes()).hexdigest()[:16] for one in values]
            cases.append({"library": f"{library} {importlib.metadata.version(library)}", "files": files, "pictures": digests})
    file.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")


main()
