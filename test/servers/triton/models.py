"""Writes a Triton repository of identity models on its Python backend.

    python models.py FOLDER

    echo_TYPE      one input INPUT0, one output OUTPUT0, one dimension of any size, for every datatype (echo_fp32, echo_bytes …)
    echo_TYPE_3d   the same with three dimensions
    echo_pair      INPUT0 FP32 and INPUT1 BYTES at once
"""

import sys
from pathlib import Path

DATATYPES = ["BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32", "INT64", "FP16", "FP32", "FP64", "BYTES"]

MODEL = '''
import triton_python_backend_utils as triton


class TritonPythonModel:
    def execute(self, requests):
        return [triton.InferenceResponse([
            triton.Tensor(tensor.name().replace("INPUT", "OUTPUT"), tensor.as_numpy()) for tensor in request.inputs()
            if tensor.name().replace("INPUT", "OUTPUT") in request.requested_output_names()
        ]) for request in requests]
'''


def tensors(kind, datatypes, rank):
    dims = ", ".join(["-1"] * rank)
    return "\n".join(
        f'{kind} {{ name: "{kind.upper()}{index}" data_type: TYPE_{"STRING" if datatype == "BYTES" else datatype} dims: [ {dims} ] }}'
        for index, datatype in enumerate(datatypes))


def write(root, name, datatypes, rank=1):
    folder = root / name / "1"
    folder.mkdir(parents=True)
    (folder / "model.py").write_text(MODEL)
    (folder.parent / "config.pbtxt").write_text("\n".join([
        f'name: "{name}"', 'backend: "python"', "max_batch_size: 0", tensors("input", datatypes, rank),
        tensors("output", datatypes, rank), "instance_group { count: 1 kind: KIND_CPU }", ""]))


if __name__ == "__main__":
    root = Path(sys.argv[1])
    for datatype in DATATYPES:
        write(root, f"echo_{datatype.lower()}", [datatype])
        write(root, f"echo_{datatype.lower()}_3d", [datatype], rank=3)
    write(root, "echo_pair", ["FP32", "BYTES"])
