"""What tritonclient.grpc sees of a service at ADDRESS whose model `echo` gives its inputs back; prints JSON."""

import json
import sys

import ml_dtypes
import numpy as np
import tritonclient.grpc as triton
from tritonclient._plugin import InferenceServerClientPlugin
from tritonclient.utils import InferenceServerException

ARRAYS = {
    "BOOL": np.array([True, False, True, True, False, True]),
    "UINT8": np.array([0, 255, 1, 128, 7, 9], np.uint8),
    "UINT16": np.array([0, 65535, 1, 256, 7, 9], np.uint16),
    "UINT32": np.array([0, 4294967295, 1, 65536, 7, 9], np.uint32),
    "UINT64": np.array([0, 18446744073709551615, 1, 9007199254740993, 7, 9], np.uint64),
    "INT8": np.array([0, -128, 127, -1, 7, 9], np.int8),
    "INT16": np.array([0, -32768, 32767, -1, 7, 9], np.int16),
    "INT32": np.array([0, -2147483648, 2147483647, -1, 7, 9], np.int32),
    "INT64": np.array([0, -9223372036854775808, 9223372036854775807, -1, 9007199254740993, 9], np.int64),
    "FP16": np.array([1, -2, 65504, 6e-8, 0.0, -0.0], np.float16),
    "FP32": np.array([0.1, -0.0, np.inf, np.nan, -1.5, 16777217], np.float32),
    "FP64": np.array([0.1, -0.0, -np.inf, np.nan, 5e-324, 0.30000000000000004], np.float64),
    "BYTES": np.array([b"", "Oslo".encode(), "東京".encode(), b"\xff\xfe", b"\x00", b"0.1"], np.object_),
    "BF16": np.array([1, -2, 3e38, 1e-38, 0.0, -0.0], ml_dtypes.bfloat16),
}


def same(sent, got):
    if sent.dtype == np.object_:
        return [bytes(x) for x in sent.flatten()] == [bytes(x) for x in got.flatten()]
    return sent.shape == got.shape and sent.astype(sent.dtype).tobytes() == got.astype(sent.dtype).tobytes()


class Key(InferenceServerClientPlugin):
    """Sends the server's key along with every call."""

    def __call__(self, request):
        request.headers["x-api-key"] = "a-key-of-the-test"


def main(address):
    seen = {"echoed": [], "different": []}
    with triton.InferenceServerClient(address) as client:
        try:
            client.unload_model("echo")
        except InferenceServerException as error:
            seen["withoutKey"] = error.status()
        client.register_plugin(Key())
        for datatype, array in ARRAYS.items():
            for shape in [(6,), (2, 1, 3)]:
                sent = array.reshape(shape)
                tensor = triton.InferInput("x", list(shape), datatype)
                tensor.set_data_from_numpy(sent)
                got = client.infer("echo", [tensor], request_id="7", headers={"x-request-id": "abc"})
                assert got.get_response().id == "7" and got.get_response().model_name == "echo"
                ok = same(sent, got.as_numpy("x"))
                seen["echoed" if ok else "different"].append(f"{datatype} {list(shape)}")
        a, b = (triton.InferInput(name, [2], "FP32") for name in "ab")
        for tensor in (a, b):
            tensor.set_data_from_numpy(np.array([1, 2], np.float32))
        wanted = [triton.InferRequestedOutput("b")]
        seen["wanted"] = [output.name for output in client.infer("echo", [a, b], outputs=wanted).get_response().outputs]
        for compression in ["gzip", "deflate"]:
            got = client.infer("echo", [a], compression_algorithm=compression)
            seen[compression] = got.as_numpy("a").tolist()
        future = []
        client.async_infer("echo", [a], callback=lambda result, error: future.append((result, error)))
        while not future:
            pass
        seen["async"] = future[0][0].as_numpy("a").tolist()
        seen["live"] = client.is_server_live()
        seen["ready"] = [client.is_server_ready(), client.is_model_ready("echo")]
        seen["server"] = client.get_server_metadata(as_json=True)["name"]
        seen["metadata"] = client.get_model_metadata("echo", as_json=True)
        seen["index"] = client.get_model_repository_index(as_json=True)
        client.unload_model("echo")
        seen["unloaded"] = client.is_model_ready("echo")
        client.load_model("echo")
        seen["loaded"] = client.is_model_ready("echo")
        errors = {}
        for name, call in {
            "unknown model": lambda: client.infer("nope", [a]),
            "unknown output": lambda: client.infer("echo", [a], outputs=[triton.InferRequestedOutput("z")]),
            "deadline": lambda: client.infer("slow", [a], client_timeout=0.2),
            "trace settings": lambda: client.get_trace_settings(),
        }.items():
            try:
                call()
            except InferenceServerException as error:
                errors[name] = [error.status(), error.message()]
        seen["errors"] = errors
    print(json.dumps(seen))


if __name__ == "__main__":
    main(sys.argv[1])
