"""Random shapes resized by the libraries that models are trained with.

    python resize_cases.py BACKEND --shapes 500 --seed 1 --out FOLDER

Writes FOLDER/cases.json (each case with the SHA-256 of its result) and FOLDER/values.bin (the results one after another).
The samples are a hash of their place, which the test computes as well.
"""

import argparse
import hashlib
import json
import os
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import numpy as np


def samples(width, height, channels, seed):
    """Byte i is the top byte of a 32-bit hash of i and the seed."""
    x = np.arange(width * height * channels, dtype=np.uint64)
    x = (x + np.uint64(seed) * np.uint64(7919)) * np.uint64(2654435761) & np.uint64(0xFFFFFFFF)
    x ^= x >> np.uint64(15)
    x = x * np.uint64(2246822519) & np.uint64(0xFFFFFFFF)
    x ^= x >> np.uint64(13)
    x = x * np.uint64(3266489917) & np.uint64(0xFFFFFFFF)
    return (x >> np.uint64(24)).astype(np.uint8).reshape(height, width, channels)


def shapes(count, seed):
    """Sides of 1 to 95; in every sixth case one side stays as it is, in every tenth they are halved or doubled."""
    random = np.random.default_rng(seed)
    for index in range(count):
        width, height, to_width, to_height = (int(side) for side in random.integers(1, 96, 4))
        if index % 6 == 0:
            to_width = width
        if index % 12 == 0:
            to_height = height
        if index % 10 == 3:
            width, height = 2 * to_width, 2 * to_height
        if index % 10 == 7:
            to_width, to_height = 2 * width, 2 * height
        if index % 20 == 9:
            width, height = 3 * to_width, 4 * to_height
        yield width, height, (1, 3, 4)[index % 3], to_width, to_height, index


def tensorflow_backend():
    import tensorflow

    def resize(pixels, width, height, method, antialias):
        return tensorflow.image.resize(pixels, [height, width], method, antialias=antialias).numpy()

    methods = ("nearest", "bilinear", "bicubic", "area", "lanczos3", "lanczos5")
    options = [{"method": method, "antialias": antialias} for method in methods for antialias in (False, True)]
    return f"TensorFlow {tensorflow.__version__}", options, resize


def opencv_backend():
    import cv2

    methods = {
        "nearest": cv2.INTER_NEAREST,
        "linear": cv2.INTER_LINEAR,
        "cubic": cv2.INTER_CUBIC,
        "area": cv2.INTER_AREA,
        "lanczos4": cv2.INTER_LANCZOS4,
    }

    def resize(pixels, width, height, method):
        return cv2.resize(pixels, (width, height), interpolation=methods[method])

    return f"OpenCV {cv2.__version__}", [{"method": method} for method in methods], resize


def torch_backend():
    """On tensors of bytes, which torchvision's v2 transforms keep as bytes."""
    import torch
    import torchvision
    from torchvision.transforms import InterpolationMode
    from torchvision.transforms.v2 import functional

    def resize(pixels, width, height, method, antialias):
        tensor = torch.from_numpy(pixels.transpose(2, 0, 1).copy())
        resized = functional.resize(tensor, [height, width], InterpolationMode(method), antialias=antialias)
        return resized.numpy().transpose(1, 2, 0)

    kernels = [("nearest", False), ("nearest-exact", False), ("bilinear", False), ("bicubic", False)]
    kernels += [("bilinear", True), ("bicubic", True), ("lanczos", True)]
    options = [{"method": method, "antialias": antialias} for method, antialias in kernels]
    return f"torchvision {torchvision.__version__.split('+')[0]}", options, resize


def pillow_backend():
    """Every kernel of the whole picture, of a part of it between pixels, and reduced first."""
    import PIL
    from PIL import Image

    def resize(pixels, width, height, method, part=None, reducing_gap=None):
        image = Image.fromarray(pixels)
        box = None if part is None else tuple(share * side for share, side in zip(part, image.size * 2))
        return np.asarray(image.resize((width, height), Image.Resampling[method.upper()], box, reducing_gap))

    methods = ("nearest", "box", "bilinear", "hamming", "bicubic", "lanczos")
    options = [{"method": method} for method in methods]
    options += [{"method": method, "part": [0.125, 0.0, 0.8125, 0.75]} for method in methods]
    options += [{"method": method, "part": [0.3, 0.1, 0.7, 0.95]} for method in methods]
    options += [{"method": method, "reducing_gap": 1.0} for method in methods]
    options += [{"method": method, "reducing_gap": 2.5} for method in methods]
    return f"Pillow {PIL.__version__}", options, resize


BACKENDS = {"pillow": pillow_backend, "tensorflow": tensorflow_backend, "opencv": opencv_backend, "torch": torch_backend}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("backend", choices=BACKENDS)
    parser.add_argument("--shapes", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    library, options, resize = BACKENDS[arguments.backend]()
    arguments.out.mkdir(parents=True, exist_ok=True)
    cases, offset = [], 0
    with open(arguments.out / "values.bin", "wb") as values:
        for width, height, channels, to_width, to_height, seed in shapes(arguments.shapes, arguments.seed):
            if arguments.backend == "pillow":
                channels = 3
            pixels = samples(width, height, channels, seed)
            for option in options:
                result = np.ascontiguousarray(resize(pixels, to_width, to_height, **option)).tobytes()
                values.write(result)
                cases.append(
                    {
                        "from": [width, height, channels],
                        "seed": seed,
                        "to": [to_width, to_height],
                        **option,
                        "offset": offset,
                        "sha256": hashlib.sha256(result).hexdigest(),
                    }
                )
                offset += len(result)
    lines = ",\n".join(json.dumps(case) for case in cases)
    (arguments.out / "cases.json").write_text(f'{{"library": {json.dumps(library)}, "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
