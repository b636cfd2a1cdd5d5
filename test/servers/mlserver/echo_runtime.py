"""An MLServer runtime that answers every input as an output."""

from mlserver import MLModel
from mlserver.types import InferenceResponse, ResponseOutput


class Echo(MLModel):
    async def predict(self, payload):
        outputs = [ResponseOutput(name=tensor.name, shape=tensor.shape, datatype=tensor.datatype, data=tensor.data)
                   for tensor in payload.inputs]
        return InferenceResponse(model_name=self.name, model_version=self.version, outputs=outputs)
