"""A TorchServe handler for the churn example: vectors in, probabilities out, from the coefficients in model.json.

TorchServe's KServe envelope takes V1's `instances` apart before and puts `predictions` together after it.
"""

import json
import math
import os

model = None


def handle(rows, context):
    global model
    if model is None:
        with open(os.path.join(context.system_properties["model_dir"], "model.json")) as file:
            model = json.load(file)
    if rows is None:
        return None
    return [probabilities(row["data"] if isinstance(row, dict) else row) for row in rows]


def probabilities(vector):
    score = model["intercept"] + sum(weight * value for weight, value in zip(model["coefficients"], vector, strict=True))
    churn = 1 / (1 + math.exp(-score))
    return [1 - churn, churn]
