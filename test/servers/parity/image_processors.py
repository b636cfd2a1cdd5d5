"""Pictures through Hugging Face's image processors, slow (Pillow) and fast (torchvision).

    python image_processors.py FOLDER [PICTURES]

Writes FOLDER/processors.json: each configuration and the SHA-256 of its float32 values for each of three pictures, or for so many of random
sizes, whose pixels a test can compute (resize_cases.samples). A picture that transformers refuses has none. With PICTURES the values
themselves are in FOLDER/values.bin, and each digest says where they begin.
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
    {"image_processor_type": "MobileNetV2ImageProcessor", "do_reduce_labels": True},
    {"image_processor_type": "MobileNetV2ImageProcessor", "size": {"height": 65, "width": 65}, "do_center_crop": False},
    {"image_processor_type": "MobileViTImageProcessor"},
    {"feature_extractor_type": "MobileViTFeatureExtractor", "size": {"shortest_edge": 60}, "crop_size": {"height": 52, "width": 48}, "do_flip_channel_order": False, "do_normalize": True, "resample": 2},
    {"feature_extractor_type": "BeitFeatureExtractor", "size": 64, "crop_size": 224, "do_center_crop": False, "reduce_labels": False, "image_mean": MEAN, "image_std": STD},
    {"image_processor_type": "BeitImageProcessor", "size": {"height": 70, "width": 60}, "do_center_crop": True, "crop_size": {"height": 60, "width": 64}, "do_reduce_labels": True},
    {"image_processor_type": "SegformerImageProcessor", "size": {"height": 128, "width": 96}, "do_center_crop": True, "crop_size": 32},
    {"feature_extractor_type": "SegformerFeatureExtractor", "size": 64, "reduce_labels": True, "do_normalize": True, "image_mean": MEAN, "image_std": STD},
    {"image_processor_type": "EfficientNetImageProcessor"},
    {"image_processor_type": "EfficientNetImageProcessor", "size": {"height": 60, "width": 60}, "rescale_offset": True, "rescale_factor": 1 / 127.5, "include_top": False, "do_normalize": False, "resample": 0},
    {"image_processor_type": "EfficientNetImageProcessor", "size": {"height": 70, "width": 60}, "do_center_crop": True, "crop_size": {"height": 50, "width": 50}, "rescale_offset": True, "rescale_factor": 1 / 127.5, "image_mean": MEAN, "image_std": STD},
    {"image_processor_type": "EfficientNetImageProcessor", "size": {"height": 50, "width": 60}, "do_rescale": False, "rescale_offset": True, "image_std": STD},
    {"image_processor_type": "LevitImageProcessor"},
    {"feature_extractor_type": "LevitFeatureExtractor", "size": {"height": 70, "width": 60}, "do_center_crop": False, "resample": 2},
    {"image_processor_type": "PoolFormerImageProcessor"},
    {"image_processor_type": "PoolFormerImageProcessor", "size": {"height": 70, "width": 60}, "crop_pct": 0.95, "crop_size": 64},
    {"image_processor_type": "PoolFormerImageProcessor", "size": {"height": 64, "width": 64}, "crop_size": {"height": 64, "width": 64}, "resample": 2},
    {"feature_extractor_type": "DetrFeatureExtractor", "size": 80, "max_size": 133, "format": "coco_detection", "do_resize": True, "do_normalize": True, "image_mean": MEAN, "image_std": STD},
    {"image_processor_type": "DetrImageProcessor", "size": {"shortest_edge": 60, "longest_edge": 100}, "do_convert_annotations": True},
    {"image_processor_type": "DetrImageProcessor", "size": {"shortest_edge": 60, "longest_edge": 1333}, "pad_size": {"height": 500, "width": 120}},
    {"image_processor_type": "DetrImageProcessor", "size": {"height": 50, "width": 70}, "do_pad": False, "do_normalize": False, "resample": 3},
    {"image_processor_type": "DetrImageProcessor", "size": {"max_height": 90, "max_width": 80}, "pad_and_return_pixel_mask": False, "do_resize": True, "do_rescale": False},
    {"feature_extractor_type": "YolosFeatureExtractor", "size": 90, "max_size": 133},
    {"image_processor_type": "YolosImageProcessor", "size": {"shortest_edge": 64, "longest_edge": 160}},
    {"image_processor_type": "YolosImageProcessor", "size": {"shortest_edge": 61, "longest_edge": 150}},
    {"image_processor_type": "ConditionalDetrImageProcessor", "size": {"shortest_edge": 70, "longest_edge": 90}},
    {"feature_extractor_type": "DeformableDetrFeatureExtractor", "size": 60, "max_size": 133},
    {"image_processor_type": "RTDetrImageProcessor", "size": {"height": 96, "width": 96}},
    {"image_processor_type": "DPTImageProcessor"},
    {"feature_extractor_type": "DPTFeatureExtractor", "size": 70, "keep_aspect_ratio": True, "ensure_multiple_of": 32, "do_pad": False, "size_divisor": None},
    {"image_processor_type": "DPTImageProcessor", "size": {"height": 98, "width": 126}, "keep_aspect_ratio": True, "ensure_multiple_of": 14, "image_mean": MEAN, "image_std": STD},
    {"image_processor_type": "DPTImageProcessor", "size": {"height": 70, "width": 90}, "keep_aspect_ratio": False, "ensure_multiple_of": 20, "resample": 2, "do_reduce_labels": True},
    {"image_processor_type": "RTDetrImageProcessor", "do_normalize": True, "size": {"height": 64, "width": 80}, "do_pad": True, "resample": 3},
]
# Those that fill pictures of several sizes up to one: all three in one call.
TOGETHER = ("Detr", "Yolos", "ConditionalDetr", "DeformableDetr")


def digest(values, kind, kept=None):
    values = np.ascontiguousarray(values)
    data = values.astype(kind).tobytes()
    found = {"shape": list(values.shape), "dtype": str(values.dtype), "sha256": hashlib.sha256(data).hexdigest()}
    if kept is None:
        return found
    found["offset"] = kept.tell()
    kept.write(data)
    return found


def pictures(sizes):
    return [Image.fromarray(samples(width, height, 3, seed)) for seed, (width, height) in enumerate(sizes)]


def alone(processor, picture, kept):
    try:
        values = processor(picture, return_tensors="np")["pixel_values"]
    except ValueError:
        return None
    return digest(values, np.float32, kept)


def together(processor, sizes, kept):
    """The pictures as one batch, and their mask."""
    batch = processor(pictures(sizes), return_tensors="np")
    return {"pixels": digest(batch["pixel_values"], np.float32, kept), "mask": digest(batch["pixel_mask"], np.int64)}


def main():
    folder = Path(sys.argv[1])
    is_random = len(sys.argv) > 2
    sizes = np.random.default_rng(11).integers(60, 400, (int(sys.argv[2]), 2)).tolist() if is_random else SIZES
    kept = (folder / "values.bin").open("wb") if is_random else None
    cases = []
    for configuration in CONFIGURATIONS:
        (folder / "preprocessor_config.json").write_text(json.dumps(configuration))
        for backend, name in (("pillow", "pil"), ("torch", "torchvision")):
            processor = AutoImageProcessor.from_pretrained(folder, backend=name)
            case = {"configuration": configuration, "backend": backend, "pictures": [alone(processor, one, kept) for one in pictures(sizes)]}
            if type(processor).__name__.startswith(TOGETHER) and processor.do_pad and None not in case["pictures"]:
                case["together"] = together(processor, sizes, kept)
            cases.append(case)
    (folder / "preprocessor_config.json").unlink()
    if kept is not None:
        kept.close()
    head = json.dumps({"library": f"transformers {transformers.__version__}", "sizes": sizes})[:-1]
    lines = ",\n".join(json.dumps(case) for case in cases)
    (folder / "processors.json").write_text(f'{head}, "cases": [\n{lines}\n]}}\n')


main()
