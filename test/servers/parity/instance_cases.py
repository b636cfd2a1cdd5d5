"""What Ultralytics and torchvision make of the outputs of models that give each box a mask.

    python instance_cases.py FOLDER        # FOLDER/instances.json

Outputs are computed, here and in test/vision/computed.ts, by the same arithmetic; the file holds of each picture how many boxes were
found and how many of them have a mask, and the SHA-256 of these masks: one byte a pixel, each at the size of the picture.
"""

import hashlib
import json
import sys
from pathlib import Path

import numpy as np
import torch
import torchvision
import ultralytics
from segmentation_cases import uniform
from torchvision.models.detection.roi_heads import paste_masks_in_image
from ultralytics.utils import ops
from ultralytics.utils.nms import non_max_suppression

# Height and width: of the tensor, and of each picture.
YOLO = (
    ((160, 160), ((97, 160), (300, 211))),
    ((160, 160), ((160, 160),)),
    ((96, 160), ((40, 333), (333, 40))),
    ((640, 640), ((480, 640), (427, 640))),
    ((320, 320), ((64, 50), (20, 31), (1, 1))),
    ((128, 128), ((501, 499), (1000, 10))),
    ((640, 480), ((1080, 810),)),
    ((160, 160), ((161, 323), (159, 157))),
)
CLASSES, PROTOTYPES = 3, 32


def yolo_boxes(seed, pictures, boxes, size, extras):
    """[pictures, boxes, 4 + classes + extras]: centres on the tensor, sides up to half of it, most scores small."""
    members = 4 + CLASSES + extras
    u = uniform(seed, pictures * boxes * members).reshape(pictures, boxes, members)
    x = u.copy()
    x[..., 0] = u[..., 0] * np.float32(size[1])
    x[..., 1] = u[..., 1] * np.float32(size[0])
    x[..., 2] = u[..., 2] * np.float32(size[1] / 2) + np.float32(2)
    x[..., 3] = u[..., 3] * np.float32(size[0] / 2) + np.float32(2)
    x[..., 4 : 4 + CLASSES] = u[..., 4 : 4 + CLASSES] * u[..., 4 : 4 + CLASSES]
    x[..., 4 + CLASSES :] = u[..., 4 + CLASSES :] * np.float32(2) - np.float32(1)
    return x


def prototypes(seed, pictures, size):
    height, width = size[0] // 4, size[1] // 4
    count = pictures * PROTOTYPES * height * width
    return (uniform(seed + 4000, count) * np.float32(2) - np.float32(1)).reshape(pictures, PROTOTYPES, height, width)


def digest(masks):
    return hashlib.sha256(np.ascontiguousarray(masks).tobytes()).hexdigest()[:16]


def picture_of(rows, protos, size, picture):
    """As SegmentationPredictor.construct_result with retina_masks."""
    rows = rows.clone()
    rows[:, :4] = ops.scale_boxes(size, rows[:, :4], picture)
    masks = ops.process_mask_native(protos, rows[:, 6:], rows[:, :4], picture)
    keep = masks.amax((-2, -1)) > 0
    rows, masks = rows[keep].numpy(), masks[keep].numpy()
    return {
        "picture": picture,
        "found": len(keep),
        "kept": len(rows),
        "pixels": int(masks.sum()),
        "masks": digest(masks),
    }


def yolo_cases():
    cases = []
    for seed, (size, pictures) in enumerate(YOLO):
        boxes = 60 + 40 * seed
        x = yolo_boxes(seed, len(pictures), boxes, size, PROTOTYPES)
        if seed % 3 == 2:  # as exported with nms: the boxes come in rows of their own
            rows = [torch.from_numpy(np.concatenate([one[:, :2], one[:, :2] + one[:, 2:4], one[:, 4:5], np.floor(one[:, 5:6] * np.float32(CLASSES)), one[:, 7:]], 1)) for one in x]
            rows = [one[one[:, 4] > 0.25] for one in rows]
        else:
            rows = non_max_suppression(torch.from_numpy(x).transpose(1, 2), conf_thres=0.25, iou_thres=0.7, nc=CLASSES)
        protos = torch.from_numpy(prototypes(seed, len(pictures), size))
        results = [picture_of(own, planes, size, picture) for own, planes, picture in zip(rows, protos, pictures)]
        cases.append({"seed": seed, "size": size, "boxes": boxes, "end_to_end": seed % 3 == 2, "pictures": results})
    return cases


def mask_rcnn_cases():
    """Masks within their boxes, laid on the picture and cut at a half, as torchvision's models do it."""
    cases = []
    for seed, (side, (height, width)) in enumerate(((28, (97, 160)), (28, (600, 801)), (14, (64, 48)), (28, (1, 1)), (5, (333, 40)), (28, (1080, 810)))):
        count = 12 + 5 * seed
        u = uniform(seed + 8000, count * 4).reshape(count, 4)
        left, top = u[:, 0] * np.float32(width * 0.9), u[:, 1] * np.float32(height * 0.9)
        boxes = np.stack([left, top, left + u[:, 2] * (np.float32(width) - left), top + u[:, 3] * (np.float32(height) - top)], 1)
        masks = uniform(seed + 9000, count * side * side).reshape(count, 1, side, side)
        pasted = paste_masks_in_image(torch.from_numpy(masks), torch.from_numpy(boxes), (height, width))
        inside = (pasted[:, 0] > 0.5).numpy().astype(np.uint8)
        kept = inside.reshape(count, -1).any(1)
        cases.append({"seed": seed, "side": side, "picture": [height, width], "count": count, "kept": int(kept.sum()), "pixels": int(inside.sum()), "masks": digest(inside[kept])})
    return cases


def main():
    folder = Path(sys.argv[1])
    parts = {"ultralytics": ultralytics.__version__, "torch": torch.__version__, "torchvision": torchvision.__version__, "yolo": yolo_cases(), "mask_rcnn": mask_rcnn_cases()}
    lines = []
    for name, value in parts.items():
        rows = ",\n".join(json.dumps(row) for row in value) if isinstance(value, list) else None
        lines.append(f"{json.dumps(name)}: " + (f"[\n{rows}\n]" if rows is not None else json.dumps(value)))
    (folder / "instances.json").write_text("{" + ",\n".join(lines) + "}\n")


main()
