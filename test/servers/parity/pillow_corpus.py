"""Pillow's own test pictures, and what Pillow makes of each.

    python pillow_corpus.py FOLDER

Downloads the source of the installed Pillow into FOLDER, unpacks its pictures there, and writes FOLDER/corpus.json: for each picture of a
format that is read here its path, size and the SHA-256 of its RGB bytes, null where Pillow refuses it.
"""

import hashlib
import json
import subprocess
import sys
import tarfile
import warnings
from pathlib import Path

import PIL
from PIL import Image

FORMATS = ("gif", "jpg", "jpeg", "png", "webp", "tif", "tiff", "bmp", "ppm", "pgm", "pbm", "pnm", "tga", "avif")


def main():
    folder = Path(sys.argv[1])
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-binary", ":all:"]
    subprocess.run([*pip, "--dest", folder, f"pillow=={PIL.__version__}"], check=True)
    with tarfile.open(next(folder.glob("*.tar.gz"))) as archive:
        archive.extractall(folder, filter="data")
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = 25_000_000  # twice as many are refused: 50 million, as here
    files = []
    for path in sorted(folder.glob("*/Tests/images/**/*")):
        kind = path.suffix[1:].lower()
        if not path.is_file() or kind not in FORMATS:
            continue
        try:
            image = Image.open(path).convert("RGB")
            found = {"size": list(image.size), "sha256": hashlib.sha256(image.tobytes()).hexdigest()}
        except Exception:
            found = {"size": None, "sha256": None}
        format = {"jpeg": "jpg", "tif": "tiff", "ppm": "pnm", "pgm": "pnm", "pbm": "pnm"}.get(kind, kind)
        files.append({"path": str(path), "format": format, **found})
    (folder / "corpus.json").write_text(json.dumps({"library": f"Pillow {PIL.__version__}", "files": files}))


main()
