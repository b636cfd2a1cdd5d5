"""Predictors on KServe's own Python SDK, over V1, V2 and gRPC.

    echo                  every input as an output, any datatype
    clothing              examples/clothing/clothing.onnx: FP32 [N, 192, 192, 3] -> logits FP32 [N, 10]; absent while the file is
    churn                 vectors -> classes, as KServe's sklearn server answers them
    churn-probabilities   vectors -> probabilities, as KServe's sklearn server answers them with PREDICT_PROBA=true
    churn-xgboost         vectors -> the second class's probability, as KServe's XGBoost server answers
"""

import sys
from pathlib import Path

import loopback  # noqa: F401
import numpy as np
from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer
from kserve.errors import InvalidInput
from kserve.utils.utils import generate_uuid, get_predict_response

SERVERS = Path(__file__).resolve().parent.parent
EXAMPLES = SERVERS.parent.parent / "examples"
CLOTHING = EXAMPLES / "clothing" / "clothing.onnx"
sys.path.insert(0, str(SERVERS))


class Served(Model):
    def __init__(self, name):
        super().__init__(name)
        self.ready = True


class Echo(Served):
    def predict(self, payload, headers=None):
        if not isinstance(payload, InferRequest):
            return {"predictions": payload["instances"]} if "instances" in payload else {"outputs": payload["inputs"]}
        return answer(payload, self.name, {tensor.name: tensor.as_numpy() for tensor in payload.inputs},
                      {tensor.name: tensor.datatype for tensor in payload.inputs})


class Clothing(Served):
    def __init__(self, name):
        import onnxruntime

        super().__init__(name)
        self.session = onnxruntime.InferenceSession(str(CLOTHING))

    def get_input_types(self):
        return [{"name": "image", "datatype": "FP32", "shape": [-1, 192, 192, 3]}]

    def get_output_types(self):
        return [{"name": "logits", "datatype": "FP32", "shape": [-1, 10]}]

    def predict(self, payload, headers=None):
        is_v2 = isinstance(payload, InferRequest)
        images = payload.inputs[0].as_numpy() if is_v2 else np.asarray(payload["instances"], dtype=np.float32)
        if images.dtype != np.float32 or images.shape[1:] != (192, 192, 3):
            raise InvalidInput(f"expected float32 [N, 192, 192, 3], got {images.dtype} {list(images.shape)}")
        logits = self.session.run(None, {"image": images})[0]
        return answer(payload, self.name, {"logits": logits}) if is_v2 else {"predictions": logits.tolist()}


class Churn(Served):
    def __init__(self, name, method):
        from churn_model import churn_model

        super().__init__(name)
        self.ask = getattr(churn_model(EXAMPLES / "churn" / "model.json"), method)

    def predict(self, payload, headers=None):
        is_v2 = isinstance(payload, InferRequest)
        vectors = payload.inputs[0].as_numpy() if is_v2 else np.asarray(payload["instances"], dtype=np.float64)
        return get_predict_response(payload, self.ask(vectors), self.name)


class XGBoost(Served):
    def __init__(self, name):
        import xgboost

        super().__init__(name)
        self.booster = xgboost.Booster(model_file=str(EXAMPLES / "xgboost" / "model.ubj"))
        self.matrix = xgboost.DMatrix

    def predict(self, payload, headers=None):
        is_v2 = isinstance(payload, InferRequest)
        vectors = payload.inputs[0].as_numpy() if is_v2 else np.asarray(payload["instances"], dtype=np.float64)
        return get_predict_response(payload, self.booster.predict(self.matrix(vectors)), self.name)


def answer(request, name, arrays, datatypes=None):
    outputs = []
    for key, array in arrays.items():
        output = InferOutput(name=key, shape=list(array.shape), datatype=(datatypes or {}).get(key, "FP32"))
        output.set_data_from_numpy(array, binary_data=request.use_binary_outputs)
        outputs.append(output)
    return InferResponse(response_id=request.id or generate_uuid(), model_name=name, infer_outputs=outputs,
                         use_binary_outputs=request.use_binary_outputs, requested_outputs=request.request_outputs)


if __name__ == "__main__":
    models = [Echo("echo"), Churn("churn", "predict"), Churn("churn-probabilities", "predict_proba"), XGBoost("churn-xgboost")]
    if CLOTHING.exists():
        models.append(Clothing("clothing"))
    ModelServer().start(models)
