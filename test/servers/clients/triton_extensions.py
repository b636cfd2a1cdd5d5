"""What tritonclient's two clients see of Triton's extensions at HTTP_ADDRESS and GRPC_ADDRESS; prints JSON."""

import json
import sys

import numpy as np
import tritonclient.grpc
import tritonclient.http


def ask(client, library, as_json):
    tensor = library.InferInput("x", [2], "FP32")
    tensor.set_data_from_numpy(np.array([1, 2], np.float32))
    client.infer("plain", [tensor])
    return {
        "extensions": client.get_server_metadata(**as_json)["extensions"],
        "config": client.get_model_config("every", **as_json),
        "statistics": client.get_inference_statistics("plain", **as_json),
        "version": client.get_inference_statistics("plain", "3", **as_json),
        "all": client.get_inference_statistics(**as_json),
    }


def main(http_address, grpc_address):
    with tritonclient.http.InferenceServerClient(http_address) as client:
        http = ask(client, tritonclient.http, {})
    with tritonclient.grpc.InferenceServerClient(grpc_address) as client:
        grpc = ask(client, tritonclient.grpc, {"as_json": True})
    print(json.dumps({"http": http, "grpc": grpc}))


main(*sys.argv[1:])
