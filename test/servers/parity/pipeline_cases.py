"""Pictures through the preprocessing that models are trained with.

    python pipeline_cases.py KIND --pictures 3 --seed 1 --out FOLDER

KIND is torchvision, timm, keras, ultralytics, albumentations or paddle. Writes FOLDER/cases.json (each configuration with the SHA-256 of
its float32 values for each picture) and FOLDER/values.bin (the values one after another). The pixels of the pictures are a hash
of their place (resize_cases.samples), which a test computes as well; their sizes are random.
"""

import argparse
import hashlib
import json
import os
import tempfile
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import numpy as np
from PIL import Image
from resize_cases import samples


def torchvision_kind():
    import torchvision
    from torchvision.models import get_model_weights, list_models

    found = {}
    for name in list_models():
        for weights in get_model_weights(name):
            transforms = weights.transforms()
            kind = type(transforms).__name__
            if kind not in ("ImageClassification", "ObjectDetection", "SemanticSegmentation"):
                continue
            members = {key: value for key, value in vars(transforms).items() if not key.startswith("_") and key != "training"}
            if "interpolation" in members:
                members["interpolation"] = members["interpolation"].value
            configuration = {"transforms": kind, **members}
            found.setdefault(json.dumps(configuration, sort_keys=True), (configuration, transforms, str(weights)))
    cases = [
        (name, configuration, lambda image, transforms=transforms: transforms(image).numpy()[None])
        for configuration, transforms, name in found.values()
    ]
    return f"torchvision {torchvision.__version__.split('+')[0]}", cases


def timm_kind():
    import timm
    from timm.data import create_transform, resolve_data_config
    from timm.models import get_pretrained_cfg

    found = {}
    for name in timm.list_models(pretrained=True):
        own = get_pretrained_cfg(name).to_dict()
        data = resolve_data_config({}, pretrained_cfg=own)
        keys = ("input_size", "interpolation", "crop_pct", "crop_mode", "mean", "std")
        configuration = json.loads(json.dumps({key: own[key] for key in keys if own.get(key) is not None}))
        found.setdefault(json.dumps(data, sort_keys=True), (name, configuration, data))
    cases = []
    for name, configuration, data in found.values():
        if data["input_size"][0] != 3:
            cases.append((name, configuration, None))
            continue
        transform = create_transform(**data)
        cases.append((name, configuration, lambda image, transform=transform: transform(image).numpy()[None]))
    return f"timm {timm.__version__}", cases


def keras_kind():
    import keras

    folder = Path(tempfile.mkdtemp())
    families = {
        "xception": 299, "vgg16": 224, "vgg19": 224, "resnet": 224, "resnet_v2": 224, "inception_v3": 299, "inception_resnet_v2": 299,
        "mobilenet": 224, "mobilenet_v2": 224, "mobilenet_v3": 224, "densenet": 224, "nasnet": 331, "efficientnet": 224,
        "efficientnet_v2": 224, "convnext": 224,
    }

    def load(image, interpolation, size, keep):
        image.save(folder / "image.png")
        picture = keras.utils.load_img(folder / "image.png", target_size=size, interpolation=interpolation, keep_aspect_ratio=keep)
        return keras.utils.img_to_array(picture)[None]

    cases = []
    kernels = ("nearest", "bilinear", "bicubic", "hamming", "box", "lanczos")
    for index, (family, side) in enumerate(families.items()):
        module = getattr(keras.applications, family)
        kernel, keep = kernels[index % 6], index % 4 == 3
        configuration = {"size": [side, side - 10 * (index % 3)], "interpolation": kernel, "keep_aspect_ratio": keep, "preprocess_input": family}
        size = tuple(configuration["size"])
        cases.append((family, configuration, lambda image, module=module, kernel=kernel, size=size, keep=keep: module.preprocess_input(load(image, kernel, size, keep))))
    layers = keras.layers
    for crop in (False, True):
        for interpolation in ("bilinear", "nearest", "bicubic", "area", "lanczos3", "lanczos5"):
            rescaling = layers.Rescaling(1 / 127.5, offset=-1)

            def dataset(image, interpolation=interpolation, crop=crop, rescaling=rescaling):
                target = folder / "pictures" / "one"
                target.mkdir(parents=True, exist_ok=True)
                image.save(target / "image.png")
                batches = keras.utils.image_dataset_from_directory(
                    folder / "pictures", labels=None, image_size=(180, 150), interpolation=interpolation, crop_to_aspect_ratio=crop, batch_size=1, verbose=False
                )
                return rescaling(next(iter(batches))).numpy()

            configuration = {"loader": "image_dataset_from_directory", "size": [180, 150], "interpolation": interpolation, "crop_to_aspect_ratio": crop, "layers": [layers.serialize(rescaling)]}
            cases.append((f"image_dataset_from_directory, {interpolation}{', crop' if crop else ''}", configuration, dataset))
    for crop, antialias in ((False, False), (True, False), (False, True)):
        resizing = layers.Resizing(97, 123, crop_to_aspect_ratio=crop, antialias=antialias)
        configuration = {"layers": [layers.serialize(resizing), layers.serialize(layers.Rescaling(1 / 255))]}

        def layered(image, resizing=resizing):
            return layers.Rescaling(1 / 255)(resizing(np.asarray(image, dtype=np.float32)[None])).numpy()

        cases.append((f"Resizing{', crop' if crop else ''}{', antialias' if antialias else ''}, Rescaling", configuration, layered))
    return f"Keras {keras.__version__}", cases


def ultralytics_kind():
    import torch
    import ultralytics
    from ultralytics.data.augment import LetterBox, classify_transforms

    def letterbox(size, auto):
        def run(image):
            picture = LetterBox(size, auto=auto, stride=32)(image=np.asarray(image)[..., ::-1].copy())
            return (torch.from_numpy(picture).permute(2, 0, 1).contiguous().flip(0).float().div_(255)).numpy()[None]

        return run

    cases = []
    for size in ([640, 640], [320, 320], [480, 640], [256, 416]):
        for dynamic in (False, True):
            configuration = {"author": "Ultralytics", "task": "detect", "stride": 32, "imgsz": size, "names": {"0": "one"}, "args": {"batch": 1, "half": False, "dynamic": dynamic}}
            cases.append((f"detect {size[0]} × {size[1]}{', dynamic' if dynamic else ''}", configuration, letterbox(size, dynamic)))
    for size in ([224, 224], [128, 160]):
        configuration = {"task": "classify", "stride": 1, "imgsz": size, "names": {"0": "one"}}
        transforms = classify_transforms(size)
        cases.append((f"classify {size[0]} × {size[1]}", configuration, lambda image, transforms=transforms: transforms(image).numpy()[None]))
    return f"Ultralytics {ultralytics.__version__}", cases


def albumentations_kind():
    """Written as a pipeline: no file of a model says it."""
    import albumentations
    import cv2

    cases = []
    for side in (224, 512):
        for name, flag in (("linear", cv2.INTER_LINEAR), ("area", cv2.INTER_AREA), ("nearest", cv2.INTER_NEAREST)):
            transform = albumentations.Compose([albumentations.LongestMaxSize(side, interpolation=flag), albumentations.PadIfNeeded(side, side, border_mode=cv2.BORDER_CONSTANT, fill=0)])
            configuration = {
                "steps": [
                    {"step": "resize", "to": {"fit": "longer_side", "side": side, "rounding": "half_even"}, "with": {"backend": "opencv", "resample": name}},
                    {"step": "pad", "to": {"size": [side, side]}, "place": "centre"},
                ],
                "output": {"layout": "NHWC"},
            }
            cases.append((f"LongestMaxSize({side}) {name}, PadIfNeeded", configuration, lambda image, transform=transform: transform(image=np.asarray(image))["image"][None]))
    return f"Albumentations {albumentations.__version__}", cases


def paddle_kind():
    """paddle.vision.transforms, with OpenCV on arrays of bytes and with Pillow on its pictures; written as a pipeline too."""
    import paddle
    from paddle.vision import transforms

    mean, std = [123.675, 116.28, 103.53], [58.395, 57.12, 57.375]
    cases = []

    def add(name, size, to, resample, backend, crop):
        steps = [transforms.Resize(size, interpolation=resample), *([transforms.CenterCrop(crop)] if crop else [])]
        compose = transforms.Compose([*steps, transforms.Normalize(mean, std, data_format="HWC"), transforms.Transpose()])
        own = {"backend": backend, "resample": {"bilinear": "linear", "bicubic": "cubic", "lanczos": "lanczos4"}.get(resample, resample) if backend == "opencv" else resample}
        configuration = {
            "steps": [
                {"step": "resize", "to": to, "with": own},
                *([{"step": "crop", "size": [crop, crop], "margin": "half_even"}] if crop else []),
                {"step": "normalize", "mean": mean, "std": std},
            ],
            "output": {"layout": "NCHW"},
        }
        cases.append((name, configuration, lambda image: compose(np.asarray(image) if backend == "opencv" else image)[None]))

    # Not bicubic with OpenCV: one byte of 100,000 is another there, as the table of resizing says.
    for resample in ("nearest", "bilinear", "area", "lanczos"):
        add(f"Resize(256) {resample}, CenterCrop(224), OpenCV", 256, {"fit": "shorter_side", "side": 256}, resample, "opencv", 224)
        add(f"Resize((192, 160)) {resample}, OpenCV", (192, 160), {"fit": "stretch", "size": [192, 160]}, resample, "opencv", None)
    for resample in ("bilinear", "bicubic"):
        add(f"Resize(256) {resample}, CenterCrop(224), Pillow", 256, {"fit": "shorter_side", "side": 256}, resample, "pillow", 224)
    return f"Paddle {paddle.__version__}", cases


KINDS = {"torchvision": torchvision_kind, "timm": timm_kind, "keras": keras_kind, "ultralytics": ultralytics_kind, "albumentations": albumentations_kind, "paddle": paddle_kind}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("kind", choices=KINDS)
    parser.add_argument("--pictures", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--largest", type=int, default=700)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    library, rows = KINDS[arguments.kind]()
    random = np.random.default_rng(arguments.seed)
    arguments.out.mkdir(parents=True, exist_ok=True)
    cases, offset = [], 0
    with open(arguments.out / "values.bin", "wb") as file:
        for index, (name, configuration, prepare) in enumerate(rows):
            pictures = []
            for number in range(arguments.pictures):
                width, height = (int(side) for side in random.integers(16, arguments.largest, 2))
                if prepare is None:
                    break
                seed = index * arguments.pictures + number
                values = np.ascontiguousarray(prepare(Image.fromarray(samples(width, height, 3, seed))), dtype=np.float32)
                file.write(values.tobytes())
                digest = hashlib.sha256(values.tobytes()).hexdigest()[:16]
                pictures.append({"size": [width, height], "seed": seed, "shape": list(values.shape), "offset": offset, "sha256": digest})
                offset += values.nbytes
            cases.append({"name": name, "configuration": configuration, "pictures": pictures})
    lines = ",\n".join(json.dumps(case) for case in cases)
    (arguments.out / "cases.json").write_text(f'{{"library": {json.dumps(library)}, "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
