"""What transformers' own image processors make of a detector's outputs, for folders as `save_pretrained` writes them.

    python detector_folders.py FOLDER        # FOLDER/detector-folders.json

Outputs are computed, here and in test/vision/computed.ts, by the same arithmetic; 120 queries of 3 classes, so that the best 100 and the
best 120 pairs differ.
"""

import json
import sys
import types
from pathlib import Path

import torch
import transformers
from segmentation_cases import uniform
from transformers import AutoImageProcessor

CONFIGURATIONS = (
    ("DetrForObjectDetection", {"feature_extractor_type": "DetrFeatureExtractor", "size": 48, "max_size": 80}),
    ("TableTransformerForObjectDetection", {"image_processor_type": "DetrImageProcessor", "size": {"shortest_edge": 40, "longest_edge": 60}}),
    ("YolosForObjectDetection", {"image_processor_type": "YolosImageProcessor", "size": {"shortest_edge": 48, "longest_edge": 96}}),
    ("ConditionalDetrForObjectDetection", {"image_processor_type": "ConditionalDetrImageProcessor", "size": {"shortest_edge": 48, "longest_edge": 96}}),
    ("DeformableDetrForObjectDetection", {"image_processor_type": "DeformableDetrImageProcessor", "size": {"shortest_edge": 48, "longest_edge": 96}}),
    ("RTDetrForObjectDetection", {"image_processor_type": "RTDetrImageProcessor", "size": {"height": 64, "width": 64}}),
    ("DFineForObjectDetection", {"image_processor_type": "RTDetrImageProcessorFast", "size": {"height": 48, "width": 64}}),
)
SIZES = ((120, 200), (97, 61))
QUERIES, CLASSES, THRESHOLD = 120, 3, 0.3


def main():
    folder = Path(sys.argv[1])
    cases = []
    for seed, (architecture, configuration) in enumerate(CONFIGURATIONS):
        path = folder / "preprocessor_config.json"
        path.write_text(json.dumps(configuration))
        processor = AutoImageProcessor.from_pretrained(folder)
        path.unlink()
        logits = torch.from_numpy(uniform(seed, 2 * QUERIES * CLASSES).reshape(2, QUERIES, CLASSES)) * 6 - 3
        boxes = torch.from_numpy(uniform(seed + 3000, 2 * QUERIES * 4).reshape(2, QUERIES, 4))
        outputs = types.SimpleNamespace(logits=logits, pred_boxes=boxes)
        found = []
        for one in processor.post_process_object_detection(outputs, threshold=THRESHOLD, target_sizes=list(SIZES)):
            order = torch.sort(one["scores"], descending=True, stable=True)[1].tolist()
            rows = [[one["labels"][i].item(), round(one["scores"][i].item(), 7), *[round(side, 4) for side in one["boxes"][i].tolist()]] for i in order]
            found.append({"count": len(rows), "first": rows[:4], "last": rows[-1]})
        cases.append({"architecture": architecture, "configuration": configuration, "seed": seed, "found": found})
    head = json.dumps({"library": f"transformers {transformers.__version__}", "sizes": SIZES, "queries": QUERIES, "classes": CLASSES, "threshold": THRESHOLD})[:-1]
    lines = ",\n".join(json.dumps(case) for case in cases)
    (folder / "detector-folders.json").write_text(f'{head}, "cases": [\n{lines}\n]}}\n')


main()
