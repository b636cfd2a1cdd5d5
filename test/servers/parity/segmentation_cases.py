"""What transformers makes of the logits of models that give each pixel a class.

    python segmentation_cases.py FOLDER        # FOLDER/segmentation.json

Logits are computed, here and in test/vision/computed.ts, by the same arithmetic; the file holds the SHA-256 of each picture's class
map as uint16. Logits of eight steps have ties at many pixels, where the last bit of a float32 decides.
"""

import hashlib
import json
import sys
import types
from pathlib import Path

import numpy as np
import torch
import transformers

SHAPES = (
    ((2, 3, 16, 20), ((97, 61), (60, 113))),
    ((1, 150, 8, 8), ((140, 77),)),
    ((1, 19, 33, 20), ((20, 333),)),
    ((3, 2, 5, 7), ((300, 200), (129, 64), (64, 129))),
    ((1, 7, 64, 64), ((65, 64),)),
    ((1, 21, 130, 90), ((70, 60),)),
    ((1, 4, 1, 1), ((120, 90),)),
)


def uniform(seed, count):
    """Float32 in [0, 1): a hash of the place, 24 bits of it."""
    x = (np.arange(count, dtype=np.uint64) + np.uint64(seed) * np.uint64(0x9E3779B9)) & np.uint64(0xFFFFFFFF)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x ^= x >> np.uint64(shift)
        x = (x * np.uint64(factor)) & np.uint64(0xFFFFFFFF)
    x ^= x >> np.uint64(16)
    return ((x >> np.uint64(8)).astype(np.float64) / 2**24).astype(np.float32)


def main():
    processor = transformers.SegformerImageProcessor()
    cases = []
    for seed, ((shape, sizes), stepped) in enumerate((case, stepped) for case in SHAPES for stepped in (False, True)):
        values = uniform(seed, int(np.prod(shape))) * np.float32(12) - np.float32(6)
        logits = (np.floor(values / np.float32(1.5)) if stepped else values).reshape(shape)
        outputs = types.SimpleNamespace(logits=torch.from_numpy(logits))
        maps = processor.post_process_semantic_segmentation(outputs, target_sizes=list(sizes))
        digests = [hashlib.sha256(one.numpy().astype(np.uint16).tobytes()).hexdigest()[:16] for one in maps]
        cases.append({"seed": seed, "shape": shape, "sizes": sizes, "stepped": stepped, "maps": digests})
    head = json.dumps({"library": f"transformers {transformers.__version__}, torch {torch.__version__}"})[:-1]
    lines = ",\n".join(json.dumps(case) for case in cases)
    (Path(sys.argv[1]) / "segmentation.json").write_text(f'{head}, "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
