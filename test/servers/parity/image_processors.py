"""Pictures through Hugging Face's image processors, slow (Pillow) and fast (torchvision).

    python image_processors.py FOLDER

Writes FOLDER/processors.json: each configuration and the SHA-256 of its float32 values for each of three pictures, whose
pixels a test can compute (resize_cases.samples).
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import transformers
from PIL import Image
from resize_cases import samples
from transformers import AutoImageProcessor

SIZES = ((97, 61), (60, 113), (33, 250))
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
CONFIGURATIONS = [
    {"image_processor_type": "ViTImageProcessor"},
    {"feature_extractor_type": "ViTFeatureExtractor", "size": 32, "do_normalize": False},
    {"image_processor_type": "ViTImageProcessor", "size": {"height": 40, "width": 50}, "resample": 3, "do_rescale": False, "do_normalize": False},
    {"image_processor_type": "CLIPImageProcessor"},
    {"feature_extractor_type": "CLIPFeatureExtractor", "size": 47, "crop_size": 33, "do_convert_rgb": True},
    {"image_processor_type": "CLIPImageProcessor", "size": {"shortest_edge": 40}, "crop_size": {"height": 57, "width": 61}},
    {"image_processor_type": "CLIPImageProcessor", "do_resize": False, "crop_size": {"height": 90, "width": 71}, "image_mean": MEAN, "image_std": STD},
    {"image_processor_type": "ChineseCLIPImageProcessor"},
    {"image_processor_type": "BitImageProcessor", "size": {"shortest_edge": 50}, "resample": 2},
    {"image_processor_type": "SiglipImageProcessor", "size": {"height": 64, "width": 64}},
    {"image_processor_type": "BlipImageProcessor"},
    {"image_processor_type": "DeiTImageProcessor"},
    {"image_processor_type": "DeiTImageProcessor", "resample": 0, "rescale_factor": 0.00784313725490196},
    {"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 224}},
    {"image_processor_type": "ConvNextImageProcessor"},
    {"image_processor_type": "ConvNextImageProcessor", "size": {"shortest_edge": 64}, "crop_pct": 0.95, "resample": 2},
    {"image_processor_type": "MobileNetV1ImageProcessor"},
    {"image_processor_type": "PvtImageProcessor", "size": {"height": 70, "width": 40}},
    {"image_processor_type": "ViTImageProcessor", "size": {"shortest_edge": 40, "longest_edge": 60}},
    {"image_processor_type": "ViTImageProcessor", "size": {"max_height": 50, "max_width": 60}},
]


def main():
    folder = Path(sys.argv[1])
    cases = []
    for configuration in CONFIGURATIONS:
        (folder / "preprocessor_config.json").write_text(json.dumps(configuration))
        for backend, name in (("pillow", "pil"), ("torch", "torchvision")):
            processor = AutoImageProcessor.from_pretrained(folder, backend=name)
            digests = []
            for seed, (width, height) in enumerate(SIZES):
                picture = Image.fromarray(samples(width, height, 3, seed))
                values = processor(picture, return_tensors="np")["pixel_values"]
                values = np.ascontiguousarray(values)
                digests.append({"shape": list(values.shape), "dtype": str(values.dtype), "sha256": hashlib.sha256(values.astype(np.float32).tobytes()).hexdigest()})
            cases.append({"configuration": configuration, "backend": backend, "pictures": digests})
    (folder / "preprocessor_config.json").unlink()
    result = {"library": f"transformers {transformers.__version__}", "sizes": SIZES, "cases": cases}
    (folder / "processors.json").write_text(json.dumps(result, indent=1) + "\n")


main()
