"""The churn example's LogisticRegression, made again from its published coefficients, so that its answers are exactly those of expected.json.

    python churn_model.py examples/churn/model.json OUT.joblib
"""

import json
import sys

import numpy as np
from sklearn.linear_model import LogisticRegression


def churn_model(path):
    with open(path) as file:
        published = json.load(file)
    model = LogisticRegression(solver="liblinear")
    model.classes_ = np.array(published["classes"])
    model.coef_ = np.array([published["coefficients"]])
    model.intercept_ = np.array([published["intercept"]])
    model.n_features_in_ = model.coef_.shape[1]
    return model


if __name__ == "__main__":
    import joblib

    joblib.dump(churn_model(sys.argv[1]), sys.argv[2])
