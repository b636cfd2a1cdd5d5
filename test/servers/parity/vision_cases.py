"""What torchvision, OpenCV, Ultralytics, yolov5 and transformers make of computed boxes and scores.

    python vision_cases.py FOLDER        # FOLDER/detection.json

Inputs are computed, here and in test/vision/computed.ts, by the same arithmetic; the file holds what Python kept of them: how
many, and the SHA-256 of their bytes. `yolov5` (7.0.14) is installed with --no-deps and only its utils/general.py is read.
"""

import hashlib
import importlib.util
import json
import re
import sys
import types
from pathlib import Path

import cv2
import numpy as np
import torch
import torchvision
import transformers
import ultralytics
from ultralytics.utils.nms import non_max_suppression
from ultralytics.utils.ops import scale_boxes

THRESHOLDS = (0.0, 0.25, 0.3, 0.45, 0.5, 0.6, 0.7, 0.95)


def uniform(seed, count):
    """Float32 in [0, 1): a hash of the place, 24 bits of it."""
    x = (np.arange(count, dtype=np.uint64) + np.uint64(seed) * np.uint64(0x9E3779B9)) & np.uint64(0xFFFFFFFF)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x ^= x >> np.uint64(shift)
        x = (x * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
    x ^= x >> np.uint64(16)
    return ((x >> np.uint64(8)).astype(np.float64) / 2**24).astype(np.float32)


def boxes_and_scores(seed, count, whole):
    """Boxes in crowds of about eight; whole numbers give equal scores, and overlaps that are exactly a threshold."""
    u = uniform(seed, count * 6).reshape(count, 6)
    crowd = uniform(seed + 1000, count)[np.arange(count) // 8 * 8].reshape(-1, 1)
    size = np.float32(40 if whole else 100)
    left_top = np.concatenate([crowd * np.float32(600), crowd * np.float32(400)], 1) + u[:, :2] * np.float32(30)
    width_height = u[:, 2:4] * size + np.float32(1)
    boxes = np.concatenate([left_top, left_top + width_height], 1).astype(np.float32)
    scores = u[:, 4]
    if whole:
        boxes, scores = np.floor(boxes), np.floor(scores * np.float32(16)) / np.float32(16)
    return boxes, scores, np.floor(u[:, 5] * np.float32(5)).astype(np.int64)


def digest(values):
    return hashlib.sha256(np.ascontiguousarray(values).tobytes()).hexdigest()[:16]


def kept(indices):
    indices = np.asarray(indices).astype(np.uint32).reshape(-1)
    return {"count": len(indices), "sha256": digest(indices)}


def nms_cases():
    cases = []
    for seed in range(240):
        count = int(uniform(seed + 5000, 1)[0] * (1300 if seed % 4 == 0 else 120)) if seed > 1 else seed
        whole = seed % 2 == 1
        boxes, scores, classes = (torch.from_numpy(x) for x in boxes_and_scores(seed, count, whole))
        iou = THRESHOLDS[seed // 2 % 8]
        one = kept(torchvision.ops.nms(boxes, scores, iou))
        many = kept(torchvision.ops.batched_nms(boxes, scores, classes, iou))
        cases.append({"seed": seed, "count": count, "whole": whole, "iou": iou, "nms": one, "batched": many})
    return cases


def opencv_cases():
    cases = []
    for seed in range(240):
        count = int(uniform(seed + 6000, 1)[0] * 300) if seed > 1 else seed
        whole = seed % 2 == 1
        boxes, scores, classes = boxes_and_scores(seed, count, whole)
        rects = np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1).astype(np.float64)
        case = {"seed": seed, "count": count, "whole": whole, "score": THRESHOLDS[seed % 3], "iou": THRESHOLDS[seed // 2 % 8], "eta": (1.0, 0.9)[seed % 5 == 0], "topK": (0, 20)[seed % 7 == 0]}
        rest = (case["score"], case["iou"], case["eta"], case["topK"])
        case["nms"] = kept(cv2.dnn.NMSBoxes(rects.tolist(), scores.tolist(), *rest))
        case["batched"] = kept(cv2.dnn.NMSBoxesBatched(rects.tolist(), scores.tolist(), classes.tolist(), *rest))
        cases.append(case)
    return cases


def yolo_output(seed, pictures, boxes, classes, objectness, extras=0):
    """[pictures, boxes, 4 + objectness + classes + extras]: boxes in crowds, most scores small."""
    members = 4 + objectness + classes + extras
    u = uniform(seed, pictures * boxes * members).reshape(pictures, boxes, members)
    crowd = uniform(seed + 2000, pictures * boxes).reshape(pictures, boxes)[:, np.arange(boxes) // 8 * 8]
    x = u.copy()
    x[..., :2] = u[..., :2] * np.float32(20) + (crowd * np.float32(600))[..., None]
    x[..., 2:4] = u[..., 2:4] * np.float32(80) + np.float32(2)
    x[..., 4:] = u[..., 4:] * u[..., 4:]
    return x


def general(path):
    """yolov5's non_max_suppression alone, without the rest of its package."""
    source = Path(path).read_text()
    names = ("xywh2xyxy", "box_iou")
    text = "import time, torch, torchvision, numpy as np\nLOGGER = None\n"
    for name in ("xywh2xyxy", "non_max_suppression"):
        text += re.search(rf"^def {name}\(.*?(?=^def |^class |\Z)", source, re.M | re.S).group(0)
    module = types.ModuleType("general")
    exec(text, module.__dict__)
    return module.non_max_suppression


def yolo_cases(yolov5):
    cases = []
    for seed in range(60):
        head = ("yolov5", "yolov8", "yolov10")[seed % 3]
        pictures, boxes, classes = 1 + seed % 2, 40 + seed * 17, (1, 3, 80)[seed // 3 % 3]
        options = {"score": (0.25, 0.05, 0.6)[seed % 5 % 3], "iou": THRESHOLDS[seed // 2 % 8], "agnostic": seed % 4 == 0, "most": (300, 10)[seed % 6 == 5]}
        arguments = {"conf_thres": options["score"], "iou_thres": options["iou"], "agnostic": options["agnostic"], "max_det": options["most"]}
        extras = 3 if seed % 10 < 3 and head != "yolov10" else 0
        if head == "yolov10":
            x = yolo_output(seed, pictures, boxes, 1, 1)
            x[..., 2:4] += x[..., :2]  # right and bottom
            x[..., 5] = np.floor(x[..., 5] * np.float32(80))
            rows = non_max_suppression(torch.from_numpy(x), **arguments)
        elif head == "yolov8":
            x = yolo_output(seed, pictures, boxes, classes, 0, extras)
            rows = non_max_suppression(torch.from_numpy(x).transpose(1, 2), nc=classes, **arguments)
        else:
            x = yolo_output(seed, pictures, boxes, classes, 1, extras)
            rows = yolov5(torch.from_numpy(x.copy()), nm=extras, **arguments)
        found = [{"count": len(row), "sha256": digest(row[:, :6].numpy())} for row in rows]
        cases.append({"seed": seed, "head": head, "pictures": pictures, "boxes": boxes, "classes": classes, "extras": extras, **options, "found": found})
    return cases


def scaled_cases():
    cases = []
    for seed in range(24):
        width, height, *box = (int(v) for v in np.floor(uniform(seed + 7000, 6) * np.float32(1500)) + 20)
        size = ((640, 640), (480, 640), (320, 320))[seed % 3]
        from ultralytics.data.augment import LetterBox

        shape = LetterBox(size, auto=seed % 2 == 1, stride=32)(image=np.zeros((height, width, 3), np.uint8)).shape[:2]
        x1, y1, x2, y2 = sorted(box[:2]) + sorted(box[2:])
        box = [v / 7 for v in (x1, y1, x2, y2)]
        out = scale_boxes(shape, torch.tensor([box], dtype=torch.float64), (height, width))[0].tolist()
        cases.append({"picture": [width, height], "size": list(size), "fill": seed % 2 == 0, "tensor": list(shape), "box": box, "expected": out})
    return cases


def detr_cases():
    cases = []
    kinds = {
        "softmax": transformers.DetrImageProcessor(),
        "sigmoid": transformers.RTDetrImageProcessor(),
        "sigmoid-100": transformers.DeformableDetrImageProcessor(),
    }
    for seed in range(18):
        kind = list(kinds)[seed % 3]
        pictures, queries, classes = 1 + seed % 2, 20 + seed * 15, (3, 12, 91)[seed // 3 % 3]
        logits = uniform(seed, pictures * queries * classes).reshape(pictures, queries, classes) * np.float32(12) - np.float32(9)
        boxes = uniform(seed + 3000, pictures * queries * 4).reshape(pictures, queries, 4)
        sizes = [(300 + 7 * seed + 100 * i, 200 + 11 * seed) for i in range(pictures)]
        threshold = (0.5, 0.2)[seed % 2]
        outputs = types.SimpleNamespace(logits=torch.from_numpy(logits), pred_boxes=torch.from_numpy(boxes))
        found = kinds[kind].post_process_object_detection(outputs, threshold=threshold, target_sizes=sizes)
        # DETR's processor keeps the order of the queries; ours is by score.
        orders = [torch.sort(one["scores"], descending=True, stable=True)[1] for one in found]
        found = [{"count": len(order), "first": [{"score": float(one["scores"][i]), "label": int(one["labels"][i]), "box": one["boxes"][i].tolist()} for i in order[:6]]} for order, one in zip(orders, found)]
        cases.append({"seed": seed, "kind": kind, "pictures": pictures, "queries": queries, "classes": classes, "threshold": threshold, "sizes": sizes, "found": found})
    return cases


def main():
    folder = Path(sys.argv[1])
    versions = {"torch": torch.__version__, "torchvision": torchvision.__version__, "opencv": cv2.__version__, "ultralytics": ultralytics.__version__, "yolov5": "7.0.14", "transformers": transformers.__version__}
    spec = importlib.util.find_spec("yolov5")
    yolov5 = general(Path(spec.submodule_search_locations[0]) / "utils" / "general.py")
    cases = {"versions": versions, "nms": nms_cases(), "opencv": opencv_cases(), "yolo": yolo_cases(yolov5), "scaled": scaled_cases(), "detr": detr_cases()}
    (folder / "detection.json").write_text("{" + ",\n".join(f"{json.dumps(name)}: " + (json.dumps(rows) if isinstance(rows, dict) else "[\n" + ",\n".join(json.dumps(row) for row in rows) + "]") for name, rows in cases.items()) + "}\n")


main()
