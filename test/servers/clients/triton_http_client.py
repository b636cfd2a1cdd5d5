"""What tritonclient.http sees of a service at ADDRESS whose model `echo` gives its inputs back; prints JSON."""

import json
import sys

import numpy as np
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

from triton_grpc_client import ARRAYS, same

NO_JSON = {"FP16", "BF16"}  # the client refuses to write them as JSON


def main(address):
    seen = {"echoed": [], "different": []}
    with triton.InferenceServerClient(address) as client:
        for datatype, array in ARRAYS.items():
            for binary in [True, False]:
                if not binary and (datatype in NO_JSON or not sendable(array)):
                    continue
                tensor = triton.InferInput("x", [6], datatype)
                tensor.set_data_from_numpy(array, binary_data=binary)
                wanted = [triton.InferRequestedOutput("x", binary_data=binary)]
                got = client.infer("echo", [tensor], outputs=wanted, request_id="7", headers={"x-request-id": "abc"})
                assert got.get_response()["id"] == "7" and got.get_response()["model_name"] == "echo"
                ok = same(array, got.as_numpy("x"))
                seen["echoed" if ok else "different"].append(f"{datatype} {'binary' if binary else 'JSON'}")
        tensor = triton.InferInput("a", [2], "FP32")
        tensor.set_data_from_numpy(np.array([1, 2], np.float32))
        for compression in ["gzip", "deflate"]:
            got = client.infer("echo", [tensor], request_compression_algorithm=compression)
            seen[compression] = got.as_numpy("a").tolist()
        seen["live"] = client.is_server_live()
        seen["ready"] = [client.is_server_ready(), client.is_model_ready("echo")]
        seen["metadata"] = client.get_model_metadata("echo")["name"]
        seen["extensions"] = client.get_server_metadata()["extensions"]
        seen["index"] = [model["state"] for model in client.get_model_repository_index()]
        try:
            client.infer("nope", [tensor])
        except InferenceServerException as error:
            seen["unknown model"] = [error.status(), error.message()]
    print(json.dumps(seen))


def sendable(array):
    """Values that JSON carries: text, and numbers that are finite."""
    if array.dtype == np.object_:
        return False
    return bool(np.isfinite(array.astype(np.float64)).all())


main(sys.argv[1])
