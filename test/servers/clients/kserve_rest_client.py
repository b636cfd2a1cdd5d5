"""What KServe's InferenceRESTClient sees of a service at URL whose model `echo` gives its inputs back; prints JSON."""

import asyncio
import json
import sys

import numpy as np
from kserve import InferenceRESTClient, InferInput, InferRequest
from kserve.inference_client import RESTConfig

ARRAYS = {
    "BOOL": np.array([True, False, True]),
    "UINT8": np.array([0, 255, 7], np.uint8),
    "INT32": np.array([-2147483648, 2147483647, 0], np.int32),
    "INT64": np.array([-9223372036854775808, 9223372036854775807, -1], np.int64),
    "FP32": np.array([0.1, 16777217, -1.5], np.float32),
    "FP64": np.array([0.1, 5e-324, 0.30000000000000004], np.float64),
}


async def main(url):
    seen = {"echoed": [], "different": []}
    v1 = InferenceRESTClient(RESTConfig(protocol="v1"))
    v2 = InferenceRESTClient(RESTConfig(protocol="v2"))
    for datatype, array in ARRAYS.items():
        for binary in [True, False]:
            tensor = InferInput("x", [3], datatype)
            tensor.set_data_from_numpy(array, binary_data=binary)
            request = InferRequest("echo", [tensor], request_id="7")
            response = await v2.infer(url, request, model_name="echo")
            got = response.outputs[0].as_numpy()
            ok = response.id == "7" and array.tolist() == got.astype(array.dtype).tolist()
            seen["echoed" if ok else "different"].append(f"{datatype} {'binary' if binary else 'JSON'}")
    seen["v1"] = await v1.infer(url, {"instances": [[1, 2.5], [3, 4]]}, model_name="echo")
    seen["ready"] = [await v2.is_server_ready(url), await v2.is_model_ready(url, "echo"), await v1.is_model_ready(url, "echo")]
    seen["live"] = await v2.is_server_live(url)
    print(json.dumps(seen))


asyncio.run(main(sys.argv[1]))
