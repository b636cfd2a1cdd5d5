"""What TorchServe's worker looks for in PyTorch when it starts, without the gigabytes: the handler beside this uses no tensors."""

__version__ = "0"


class Tensor:
    pass


class cuda:
    @staticmethod
    def is_available():
        return False


def is_tensor(value):
    return False
