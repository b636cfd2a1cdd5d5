"""JPEG files of many kinds, and what TensorFlow's decode_image makes of them.

    python jpeg_cases.py --count 600 --seed 1 --out FOLDER [--photos FOLDER] [--largest 150]
    python jpeg_cases.py --count 90 --largest 28 --golden test/fixtures/image/tensorflow-jpeg.json

FOLDER/files.bin and FOLDER/values.bin hold files and pixels one after another, FOLDER/cases.json where each begins. A golden has the
files in base64 and the SHA-256 of the pixels. FOLDER/loaded.bin has what Keras' image_dataset_from_directory makes of every fifth
file and of each photo, at 180 × 150.
"""

import argparse
import base64
import hashlib
import io
import json
import os
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import cv2
import numpy as np
import PIL
import tensorflow
from jpeg_writer import segment, write_jpeg
from PIL import Image, ImageFile

# Pillow's own guess is too small for some progressive files.
ImageFile.MAXBLOCK = 1 << 22
SAMPLING = {"4:1:1": 0x411111, "4:2:0": 0x221111, "4:2:2": 0x211111, "4:4:0": 0x121111, "4:4:4": 0x111111}
SMOOTHED = "progressive, without the last scan"
JFIF = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")


def adobe(transform):
    return segment(0xEE, b"Adobe\0\x64\0\0\0\0" + bytes([transform]))


def picture(random, width, height, kind):
    """Noise, soft colours, soft colours with noise, hard edges."""
    if kind == 0:
        return random.integers(0, 256, (height, width, 3), dtype=np.uint8)
    few = random.integers(0, 256, (height // 9 + 2, width // 9 + 2, 3), dtype=np.uint8)
    pixels = cv2.resize(few, (width, height), interpolation=cv2.INTER_CUBIC)
    if kind == 2:
        return np.clip(pixels + random.integers(-30, 31, pixels.shape), 0, 255).astype(np.uint8)
    return np.where(pixels > 128, 255, 0).astype(np.uint8) if kind == 3 else pixels


def by_pillow(random, pixels, options):
    mode = random.choice(["RGB", "RGB", "RGB", "L", "CMYK"])
    if mode == "CMYK":
        image = Image.merge("CMYK", [Image.fromarray(pixels[:, :, i % 3] // (1 + i // 3)) for i in range(4)])
    else:
        image = Image.fromarray(pixels).convert(mode)
    kind = f"Pillow, {'grey' if mode == 'L' else mode}"
    if mode == "RGB":
        subsampling = ["4:4:4", "4:2:2", "4:2:0"][random.integers(3)]
        if random.integers(5) == 0:
            subsampling, kind = "4:4:4", "Pillow, kept as RGB"
            options["keep_rgb"] = True
        else:
            kind = f"Pillow, {subsampling}"
        options["subsampling"] = subsampling
    restart = random.integers(4)
    if restart:
        options["restart_marker_blocks" if restart > 1 else "restart_marker_rows"] = int(random.integers(1, 9))
    file = io.BytesIO()
    image.save(file, "JPEG", **options)
    return kind, file.getvalue()


def by_opencv(random, pixels, options):
    name = list(SAMPLING)[random.integers(len(SAMPLING))]
    settings = [cv2.IMWRITE_JPEG_QUALITY, options["quality"], cv2.IMWRITE_JPEG_PROGRESSIVE, int(options["progressive"])]
    settings += [cv2.IMWRITE_JPEG_OPTIMIZE, int(options["optimize"]), cv2.IMWRITE_JPEG_SAMPLING_FACTOR, SAMPLING[name]]
    settings += [cv2.IMWRITE_JPEG_RST_INTERVAL, int(random.integers(0, 9))]
    isGrey = random.integers(6) == 0
    _, file = cv2.imencode(".jpg", pixels[:, :, 0] if isGrey else pixels, settings)
    return f"OpenCV, {'grey' if isGrey else name}", file.tobytes()


def by_hand(random, index, width, height):
    """Factors, scans, markers and coefficients that encoders do not write."""
    kind = ["sparse", "dense", "sparse", "largest"][random.integers(4)]
    options = {"kind": kind, "wide": bool(random.integers(3) == 0), "restart": int(random.choice([0, 0, 1, 3]))}
    if index % 4 == 0:
        factors = [(int(a), int(d)) for a, d in random.integers(1, 5, (3, 2))]
        options["split"] = [[0], [1], [2]]
        name = "any factors"
    elif index % 4 == 1:
        factors = [[(2, 2), (1, 1), (1, 1)], [(4, 1), (2, 1), (1, 1)], [(1, 1), (2, 2), (1, 1)], [(1, 4), (1, 2), (1, 1)]][random.integers(4)]
        options["split"] = [[], [[0], [1, 2]], [[2], [1], [0]], [[0, 2], [1]]][random.integers(4)]
        name = "scans of some components"
    elif index % 4 == 2:
        factors = [(1, 1)] * 3
        options["ids"] = [None, [82, 71, 66], [1, 5, 9], [0, 1, 2]][random.integers(4)]
        options["markers"] = [b"", JFIF, adobe(0), adobe(1), JFIF + adobe(0), adobe(7)][random.integers(6)]
        name = "identifiers and markers"
    else:
        factors = [[(1, 1)] * 4, [(2, 2), (1, 1), (1, 1), (2, 2)], [(3, 3)], [(1, 1)] * 2][random.integers(4)]
        options["markers"] = [b"", adobe(0), adobe(2), JFIF][random.integers(4)]
        options["noise"] = [b"", b"\x12\x34\xff\x00"][random.integers(2)]
        name = "four inks, one and two components, bytes too many"
    return f"by hand, {name}", write_jpeg(random, width, height, factors, **options)


def without_last_scan(file):
    return file[: file.rindex(b"\xff\xda")] + b"\xff\xd9"


def files(count, seed, largest):
    random = np.random.default_rng(seed)
    for index in range(count):
        width, height = (int(side) for side in random.integers(1, min(largest, 20) if index % 3 == 0 else largest, 2))
        if index < 32:
            width, height = 1 + index // 2 % 4, 1 + index // 8
        options = {"quality": int(random.integers(1, 101)), "progressive": bool(random.integers(2)), "optimize": bool(random.integers(2))}
        if index % 5 == 4:
            yield by_hand(random, index // 5, width, height)
            continue
        kind, file = (by_pillow if index % 2 == 0 else by_opencv)(random, picture(random, width, height, index // 2 % 4), options)
        if options["progressive"] and index % 41 == 0:
            yield SMOOTHED, without_last_scan(file)
        else:
            yield f"{kind}, {'progressive' if options['progressive'] else 'baseline'}", file


def decode(file, channels):
    try:
        return tensorflow.io.decode_image(file, channels=channels, expand_animations=False).numpy()
    except tensorflow.errors.InvalidArgumentError:
        return None


def load(folder, file):
    (folder / "one").mkdir(parents=True, exist_ok=True)
    (folder / "one" / "image.jpg").write_bytes(file)
    batches = tensorflow.keras.utils.image_dataset_from_directory(folder, labels=None, image_size=(180, 150), batch_size=1, verbose=False)
    return next(iter(batches)).numpy()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--largest", type=int, default=150)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--golden", type=Path)
    arguments = parser.parse_args()
    library = f"TensorFlow {tensorflow.__version__}"
    made = list(files(arguments.count, arguments.seed, arguments.largest))
    if arguments.photos:
        made += [("photos", path.read_bytes()) for path in sorted(arguments.photos.rglob("*.jp*g"))]
    decoded = [(kind, file, [decode(file, channels) for channels in (3, 1)]) for kind, file in made]
    if arguments.golden:
        cases = []
        for kind, file, results in decoded:
            digests = [None if one is None else hashlib.sha256(one.tobytes()).hexdigest()[:16] for one in results]
            cases.append({"kind": kind, "jpeg": base64.b64encode(file).decode(), "rgb": digests[0], "grey": digests[1]})
        lines = ",\n".join(json.dumps(case) for case in cases)
        arguments.golden.write_text(f'{{"library": {json.dumps(library)}, "cases": [\n{lines}\n]}}\n')
        return
    arguments.out.mkdir(parents=True, exist_ok=True)
    cases, loaded, places = [], [], [0, 0]
    with open(arguments.out / "files.bin", "wb") as bytes_, open(arguments.out / "values.bin", "wb") as values:
        for index, (kind, file, results) in enumerate(decoded):
            if results[0] is not None and (kind == "photos" or index % 10 in (1, 2)) and kind != SMOOTHED:
                loaded.append({"file": [places[0], len(file)], "place": len(loaded)})
                with open(arguments.out / "loaded.bin", "ab" if len(loaded) > 1 else "wb") as floats:
                    floats.write(load(arguments.out / "loading", file).tobytes())
            for channels, result in zip((3, 1), results):
                case = {"kind": kind, "file": [places[0], len(file)], "channels": channels, "values": None}
                if result is not None:
                    case["values"] = [places[1], result.size]
                    case["size"] = [result.shape[1], result.shape[0]]
                    values.write(result.tobytes())
                    places[1] += result.size
                cases.append(case)
            bytes_.write(file)
            places[0] += len(file)
    libraries = f"{library}; files by Pillow {PIL.__version__}, OpenCV {cv2.__version__} and jpeg_writer.py"
    (arguments.out / "cases.json").write_text(json.dumps({"library": libraries, "cases": cases, "loaded": loaded}))


if __name__ == "__main__":
    main()
