"""Pictures of text, and what RapidOCR reads in them.

    python ocr_pictures.py --pictures 60 --seed 1 --out FOLDER

Draws words in several fonts, sizes, colours and angles, also upside down, writes FOLDER/NUMBER.png and .jpg and FOLDER/reference.json: for each picture what
was drawn and the original's lines, each its box, text and score.
"""

import argparse
import json
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from rapidocr_onnxruntime import RapidOCR

PHRASES = (
    "The quick brown fox", "Invoice No. 2024-117", "TOTAL 1,249.50 EUR", "kserve transformer", "Platform 9", "OPEN 24 HOURS",
    "Jumps over the lazy dog.", "Tel. 030/1234567", "50% off!", "www.example.com", "Mind the gap", "A1", "Exit", "Section 3.2: Geometry",
    "x = (a + b) * c", "NO PARKING", "12:45", "Best before 31/12/2026", "Gate B42", "FRAGILE", "Rue de la Paix 15", "S/N 00A7-4F2C-9911",
)  # fmt: skip
CHINESE = ("你好世界", "请勿停车", "出口 24", "机器学习", "总计：128元", "北京欢迎您")


def fonts():
    folders = [Path(find_spec(name).origin).parent for name in ("font_roboto", "font_source_sans_pro", "font_source_serif_pro")]
    latin = sorted(path for folder in folders for path in folder.rglob("*.ttf") if path.stem.split("-")[1] in ("Regular", "Bold", "Italic", "It"))
    cjk = sorted(Path(find_spec("cvttf_NotoSansCJK_Regular").origin).parent.rglob("*.[ot]t[fc]"))
    return latin, cjk


def draw(random, latin, cjk):
    """One picture with up to eight lines, which may overlap the border."""
    width, height = (int(side) for side in random.integers(60, 1100, 2))
    paper = tuple(int(value) for value in random.integers(190, 256, 3))
    dark = random.random() < 0.25
    picture = Image.new("RGB", (width, height), tuple(255 - value for value in paper) if dark else paper)
    drawn = []
    for _ in range(int(random.integers(1, 9))):
        chinese = bool(cjk) and random.random() < 0.25
        text = str(random.choice(CHINESE if chinese else PHRASES))
        font = ImageFont.truetype(str(random.choice(cjk if chinese else latin)), int(random.integers(14, 64)))
        left, top, right, bottom = font.getbbox(text)
        ink = tuple(int(value) for value in random.integers(0, 90, 3))
        ink = tuple(255 - value for value in ink) if dark else ink
        stamp = Image.new("RGBA", (right - left + 8, bottom - top + 8), (*ink, 0))
        ImageDraw.Draw(stamp).text((4 - left, 4 - top), text, font=font, fill=(*ink, 255))
        angle = float(random.choice([0, 0, 0, 90, 180, 270, random.uniform(-30, 30), random.uniform(-180, 180)]))
        stamp = stamp.rotate(angle, Image.Resampling.BICUBIC, expand=True)
        place = tuple(int(random.integers(-10, max(side - size // 2, 0) + 1)) for side, size in zip(picture.size, stamp.size))
        picture.paste(stamp, place, stamp)
        drawn.append(text)
    return picture, drawn


def odd_sizes():
    """Pictures that are scaled or get margins before they are read."""
    return [(2600, 900), (700, 24), (1500, 60), (20, 300), (400, 31)]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--pictures", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(arguments.seed)
    latin, cjk = fonts()
    engine = RapidOCR()
    reference = []
    for number in range(arguments.pictures):
        picture, drawn = draw(random, latin, cjk)
        if number < len(odd_sizes()):
            width, height = odd_sizes()[number]
            picture = Image.new("RGB", (width, height), "white")
            text, size = ("12:45", 11) if width < 100 else ("Platform 9, gate B42", max(14, min(height - 8, 60)))
            ImageDraw.Draw(picture).text((3, 3), text, font=ImageFont.truetype(str(latin[0]), size), fill="black")
            drawn = [text]
        name = f"{number}.{'jpg' if number % 5 == 4 else 'png'}"
        picture.save(arguments.out / name)
        lines, _ = engine(str(arguments.out / name))
        expected = [{"box": box, "text": text, "score": score} for box, text, score in lines or []]
        reference.append({"name": name, "size": picture.size, "drawn": drawn, "lines": expected})
    (arguments.out / "reference.json").write_text(json.dumps(reference, ensure_ascii=False))


if __name__ == "__main__":
    main()
