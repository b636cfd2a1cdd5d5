"""TensorFlow Serving's gRPC surface, spoken with its own messages, over a SavedModel: server.py PORT NAME SAVED_MODEL

Answers as TensorFlow Serving does: typed values, or one block for a request with the metadata `tensor-content: 1`.
Prints `listening PORT`; port 0 takes a free one. Listens on 127.0.0.1 only.
"""

import os
import sys
from concurrent import futures

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import grpc
import numpy as np
import tensorflow as tf
from google.protobuf.any_pb2 import Any
from tensorflow.core.framework import tensor_pb2
from tensorflow.python.tools import saved_model_utils
from tensorflow_serving.apis import (get_model_metadata_pb2, get_model_status_pb2, model_service_pb2_grpc, predict_pb2,
                                     prediction_service_pb2_grpc)

VERSION = 1


class Servable:
    def __init__(self, name, path):
        self.name = name
        self.functions = tf.saved_model.load(path).signatures
        self.definitions = saved_model_utils.get_meta_graph_def(path, "serve").signature_def

    def find(self, spec, context):
        wrong_version = spec.HasField("version") and spec.version.value != VERSION
        if spec.name != self.name or wrong_version:
            context.abort(grpc.StatusCode.NOT_FOUND, f"Servable not found for request: Latest({spec.name})")
        signature = spec.signature_name or "serving_default"
        if signature not in self.functions:
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, f'Serving signature key "{signature}" not found.')
        return signature


class Predictions(prediction_service_pb2_grpc.PredictionServiceServicer):
    def __init__(self, servable):
        self.servable = servable

    def Predict(self, request, context):
        signature = self.servable.find(request.model_spec, context)
        wanted = self.servable.definitions[signature].inputs
        if set(request.inputs) != set(wanted):
            context.abort(grpc.StatusCode.INVALID_ARGUMENT,
                          f"input size does not match signature: got {sorted(request.inputs)}, expected {sorted(wanted)}")
        arrays = {name: tf.make_ndarray(proto) for name, proto in request.inputs.items()}
        for name, array in arrays.items():
            if tf.as_dtype(array.dtype) != tf.as_dtype(wanted[name].dtype):
                context.abort(grpc.StatusCode.INVALID_ARGUMENT,
                              f"input {name}: expected {tf.as_dtype(wanted[name].dtype).name}, got {array.dtype}")
        outputs = self.servable.functions[signature](**{name: tf.constant(array) for name, array in arrays.items()})
        in_one_block = ("tensor-content", "1") in context.invocation_metadata()
        response = predict_pb2.PredictResponse()
        response.model_spec.name = self.servable.name
        response.model_spec.version.value = VERSION
        response.model_spec.signature_name = signature
        for name in request.output_filter or sorted(outputs):
            if name not in outputs:
                context.abort(grpc.StatusCode.INVALID_ARGUMENT, f"output tensor alias not found in signature: {name}")
            response.outputs[name].CopyFrom(to_proto(outputs[name].numpy(), in_one_block))
        return response

    def GetModelMetadata(self, request, context):
        self.servable.find(request.model_spec, context)
        signatures = get_model_metadata_pb2.SignatureDefMap()
        for name, definition in self.servable.definitions.items():
            signatures.signature_def[name].CopyFrom(definition)
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        response.model_spec.name = self.servable.name
        response.model_spec.version.value = VERSION
        packed = Any()
        packed.Pack(signatures)
        response.metadata["signature_def"].CopyFrom(packed)
        return response


class Models(model_service_pb2_grpc.ModelServiceServicer):
    def __init__(self, servable):
        self.servable = servable

    def GetModelStatus(self, request, context):
        self.servable.find(request.model_spec, context)
        response = get_model_status_pb2.GetModelStatusResponse()
        response.model_version_status.add(version=VERSION, state=get_model_status_pb2.ModelVersionStatus.AVAILABLE)
        return response


def to_proto(array, in_one_block):
    proto = tf.make_tensor_proto(array)
    if in_one_block or array.dtype != np.float32:
        return proto
    typed = tensor_pb2.TensorProto(dtype=proto.dtype, tensor_shape=proto.tensor_shape)
    typed.float_val.extend(array.flatten().tolist())
    return typed


if __name__ == "__main__":
    port, name, path = sys.argv[1:4]
    servable = Servable(name, path)
    server = grpc.server(futures.ThreadPoolExecutor(2), options=[("grpc.max_receive_message_length", -1)])
    prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(Predictions(servable), server)
    model_service_pb2_grpc.add_ModelServiceServicer_to_server(Models(servable), server)
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    server.start()
    print("listening", bound, flush=True)
    server.wait_for_termination()
