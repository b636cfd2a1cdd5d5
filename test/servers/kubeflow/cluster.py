"""Runs the components of docs/guides/kubeflow/pipeline.py against a stand-in for the Kubernetes API on loopback.

    python cluster.py CASE          prints what the component returned or raised, and what it asked of the API, as JSON

The stand-in keeps one InferenceService and becomes ready after a few looks, as a controller does.
"""

import importlib.util
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from kubernetes import client, config

CASE = sys.argv[1]
MANIFEST = """
apiVersion: v1
kind: ServiceAccount
metadata: {name: clothes-storage}
---
apiVersion: serving.kserve.io/v1beta1
kind: InferenceService
metadata: {name: clothes}
spec: {predictor: {minReplicas: 2}}
"""
PATH = "/apis/serving.kserve.io/v1beta1/namespaces/lab/inferenceservices"
asked = []
stored = None
looks = 0
if CASE == "changed":
    conditions = [{"type": "Ready", "status": "True"}]
    stored = {
        "metadata": {"name": "clothes", "generation": 4, "resourceVersion": "7"},
        "spec": {"predictor": {"canaryTrafficPercent": 10}},
        "status": {"observedGeneration": 4, "conditions": conditions, "address": {"url": "http://old"}},
    }


class Api(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def answer(self, status, body):
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def body(self):
        return json.loads(self.rfile.read(int(self.headers["content-length"])))

    def do_GET(self):
        global looks
        asked.append(["GET", self.path])
        if stored is None:
            self.answer(404, {"message": "not found"})
            return
        looks += 1
        if CASE != "never" and looks > 3:
            stored["status"] = {
                "observedGeneration": stored["metadata"]["generation"],
                "conditions": [{"type": "Ready", "status": "True"}],
                "address": {"url": "http://clothes-transformer.lab.svc.cluster.local"},
            }
        self.answer(200, stored)

    def write(self, body, generation):
        global stored
        status = {"conditions": [{"type": "Ready", "status": "False", "message": "no runtime found"}]}
        if stored is not None:
            status = stored["status"]
        stored = {**body, "status": status}
        stored["metadata"] = {**body["metadata"], "generation": generation}
        self.answer(200, stored)

    def do_POST(self):
        body = self.body()
        asked.append(["POST", self.path, body])
        if self.path.endswith(":predict"):
            self.answer(200, {"predictions": body["instances"]})
        elif CASE == "refused":
            self.answer(400, {"message": 'strict decoding error: unknown field "spec.container"'})
        else:
            self.write(body, 1)

    def do_PUT(self):
        body = self.body()
        asked.append(["PUT", self.path, body])
        self.write(body, 5)


server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
threading.Thread(target=server.serve_forever, daemon=True).start()
host = f"http://127.0.0.1:{server.server_port}"
config.load_incluster_config = lambda: client.Configuration.set_default(client.Configuration(host=host))
time.sleep = lambda _: None

path = Path(__file__).resolve().parents[3] / "docs/guides/kubeflow/pipeline.py"
spec = importlib.util.spec_from_file_location("pipeline", path)
pipeline = importlib.util.module_from_spec(spec)
spec.loader.exec_module(pipeline)

result = {}
try:
    if CASE == "predict":
        result["returned"] = pipeline.predict.python_func(host, "clothes", '{"instances": [1, 2]}')
    else:
        deploy = pipeline.deploy_inference_service.python_func
        manifest = "kind: Secret" if CASE == "empty" else MANIFEST
        result["returned"] = deploy(manifest, "lab", timeout_seconds=0.05 if CASE == "never" else 60)
except Exception as error:
    result["raised"] = f"{type(error).__name__}: {error}"
assert all(path.split("?")[0] in (PATH, f"{PATH}/clothes") for _, path, *_ in asked if "/apis/" in path)
print(json.dumps({**result, "asked": asked}))
