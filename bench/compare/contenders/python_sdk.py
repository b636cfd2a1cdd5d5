"""KServe's Python SDK as a transformer on loopback: `python_sdk.py KIND --predictor_host HOST --http_port PORT …`, KIND being
plain (no hooks), hooks (rows scaled, classes named) or pictures (URL or base64 to FP32[299, 299, 3])."""

import argparse
import base64
import io
import socket
import urllib.request

import kserve

# The SDK listens on every address; a benchmark listens on loopback.
_bind = socket.socket.bind
socket.socket.bind = lambda self, address: _bind(
    self, ("127.0.0.1", *address[1:]) if isinstance(address, tuple) and address[0] in ("0.0.0.0", "") else address
)

parser = argparse.ArgumentParser(parents=[kserve.model_server.parser])
parser.add_argument("kind", choices=["plain", "hooks", "pictures"])
arguments, _ = parser.parse_known_args()

LABELS = ["setosa", "versicolor", "virginica"]


class Plain(kserve.Model):
    def __init__(self, name):
        super().__init__(name)
        self.ready = True


class Hooks(Plain):
    def preprocess(self, payload, headers=None):
        return {"instances": [[(value - 3) / 2 for value in row] for row in payload["instances"]]}

    def postprocess(self, result, headers=None):
        rows = result["predictions"]
        return {"predictions": [{"label": LABELS[row.index(max(row))], "scores": row} for row in rows]}


class Pictures(Plain):
    def preprocess(self, payload, headers=None):
        return {"instances": [pixels(instance).tolist() for instance in payload["instances"]]}


def pixels(instance):
    import numpy
    from PIL import Image

    if "b64" in instance:
        data = base64.b64decode(instance["b64"])
    else:
        with urllib.request.urlopen(instance["image_url"]) as response:
            data = response.read()
    image = Image.open(io.BytesIO(data)).convert("RGB").resize((299, 299), Image.BILINEAR)
    return numpy.asarray(image, dtype=numpy.float32) / 127.5 - 1


if __name__ == "__main__":
    kinds = {"plain": Plain, "hooks": Hooks, "pictures": Pictures}
    kserve.ModelServer().start([kinds[arguments.kind](arguments.model_name)])
