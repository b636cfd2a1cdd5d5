"""KServe's Python SDK as a transformer without hooks, on loopback: `python_transformer.py --predictor_host HOST --http_port PORT …`."""

import argparse
import socket

import kserve

# The SDK listens on every address; a benchmark listens on loopback.
_bind = socket.socket.bind
socket.socket.bind = lambda self, address: _bind(
    self, ("127.0.0.1", *address[1:]) if isinstance(address, tuple) and address[0] in ("0.0.0.0", "") else address
)

parser = argparse.ArgumentParser(parents=[kserve.model_server.parser])
arguments, _ = parser.parse_known_args()


class PassThrough(kserve.Model):
    def __init__(self, name):
        super().__init__(name)
        self.ready = True


if __name__ == "__main__":
    kserve.ModelServer().start([PassThrough(arguments.model_name)])
