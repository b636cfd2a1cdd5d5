"""Random quadrilaterals of pictures laid flat by OpenCV.

    python warp_cases.py --shapes 500 --seed 1 --out FOLDER

Writes FOLDER/cases.json (each case with its matrix and the SHA-256 of its result) and FOLDER/values.bin (the results one
after another). The samples are those of resize_cases.py.
"""

import argparse
import hashlib
import json
from pathlib import Path

import cv2
import numpy as np
from resize_cases import samples


def quadrilateral(random, index, width, height, to_width, to_height):
    """Any four points, also beyond the border; every third is a crooked rectangle, every seventh a straight one."""
    if index % 7 == 0:
        left, top = width // 4, height // 4
        right, bottom = left + to_width, top + to_height
        return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], dtype=np.float32)
    if index % 3 == 0:
        shares = np.array([[0.2, 0.2], [0.7, 0.3], [0.65, 0.8], [0.15, 0.7]])
        return np.round(shares * [width, height] + random.integers(-3, 4, (4, 2))).astype(np.float32)
    points = random.random((4, 2)) * [width * 1.2, height * 1.2] - [width * 0.1, height * 0.1]
    return (np.round(points) if index % 2 else points).astype(np.float32)


def lie_flat(corners):
    """Whether three of the corners lie on one line, which is refused."""
    sides = np.roll(corners, -1, 0) - corners
    after = np.roll(sides, -1, 0)
    return bool(np.any(sides[:, 0] * after[:, 1] == sides[:, 1] * after[:, 0]))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--shapes", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(arguments.seed)
    cases, offset = [], 0
    with open(arguments.out / "values.bin", "wb") as values:
        for index in range(arguments.shapes):
            width, height, to_width, to_height = (int(side) for side in random.integers(1, 160, 4))
            channels = (1, 3, 4)[index % 3]
            corners = quadrilateral(random, index, width, height, to_width, to_height)
            flat = np.array([[0, 0], [to_width, 0], [to_width, to_height], [0, to_height]], dtype=np.float32)
            if lie_flat(corners):
                continue
            matrix = cv2.getPerspectiveTransform(corners, flat)
            result = cv2.warpPerspective(
                samples(width, height, channels, index),
                matrix,
                (to_width, to_height),
                flags=cv2.INTER_CUBIC,
                borderMode=cv2.BORDER_REPLICATE,
            )
            result = np.ascontiguousarray(result).tobytes()
            values.write(result)
            cases.append(
                {
                    "from": [width, height, channels],
                    "seed": index,
                    "to": [to_width, to_height],
                    "corners": corners.tolist(),
                    "matrix": matrix.ravel().tolist(),
                    "offset": offset,
                    "sha256": hashlib.sha256(result).hexdigest(),
                }
            )
            offset += len(result)
    lines = ",\n".join(json.dumps(case) for case in cases)
    (arguments.out / "cases.json").write_text(f'{{"library": "OpenCV {cv2.__version__}", "cases": [\n{lines}\n]}}\n')


if __name__ == "__main__":
    main()
