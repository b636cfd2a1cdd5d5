"""What KServe's InferenceGRPCClient sees of a service at ADDRESS whose model `echo` gives its inputs back; prints JSON."""

import asyncio
import json
import sys

import grpc
import numpy as np
from kserve import InferenceGRPCClient, InferInput, InferRequest

ARRAYS = {
    "BOOL": np.array([True, False, True]),
    "UINT8": np.array([0, 255, 7], np.uint8),
    "UINT64": np.array([0, 18446744073709551615, 9007199254740993], np.uint64),
    "INT16": np.array([-32768, 32767, 0], np.int16),
    "INT64": np.array([-9223372036854775808, 9223372036854775807, -1], np.int64),
    "FP16": np.array([1, -2, 65504], np.float16),
    "FP32": np.array([0.1, np.inf, -1.5], np.float32),
    "FP64": np.array([0.1, np.nan, 5e-324], np.float64),
    "BYTES": np.array([b"", "東京".encode(), b"0.1"], np.object_),
}


async def main(address):
    client = InferenceGRPCClient(address)
    seen = {"echoed": [], "different": []}
    for datatype, array in ARRAYS.items():
        for binary in [True, False]:
            if datatype == "FP16" and not binary:
                continue
            tensor = InferInput("x", [3], datatype)
            tensor.set_data_from_numpy(array, binary_data=binary)
            request = InferRequest("echo", [tensor], request_id="7", parameters={"user": "u"})
            response = await client.infer(request, headers=[("x-request-id", "abc")])
            got = response.outputs[0].as_numpy()
            ok = response.id == "7" and array.tolist().__repr__() == got.astype(array.dtype).tolist().__repr__()
            seen["echoed" if ok else "different"].append(f"{datatype} {'raw' if binary else 'typed'}")
    seen["live"] = await client.is_server_live()
    seen["ready"] = [await client.is_server_ready(), await client.is_model_ready("echo")]
    try:
        tensor = InferInput("x", [3], "FP32")
        tensor.set_data_from_numpy(ARRAYS["FP32"])
        await client.infer(InferRequest("nope", [tensor]))
    except grpc.RpcError as error:
        seen["unknown model"] = [str(error.code()), error.details()]
    await client.close()
    print(json.dumps(seen))


asyncio.run(main(sys.argv[1]))
