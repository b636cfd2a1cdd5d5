"""Writes the tabular specification of a fitted scikit-learn model.

    python export_sklearn.py --name churn [--threshold 0.5] [--classes no,yes] FILE … > churn.json

FILE is a Pipeline (DictVectorizer, any number of StandardScalers and MinMaxScalers, then a classifier), or its steps in files of their
own, in their order, as pickle or joblib wrote them; a file that holds several, as a tuple, is taken apart. They run the code that is in them: load
only your own. Coefficients go along where the classifier is a LogisticRegression.
"""

import argparse
import json
import sys

import joblib
import numpy as np
from sklearn.base import is_classifier

parser = argparse.ArgumentParser(description="Writes the tabular specification of a fitted scikit-learn model.")
parser.add_argument("file", nargs="+")
parser.add_argument("--name", required=True, help="of the answer: NAME and NAME_probability")
parser.add_argument("--threshold", type=float, help="answer whether the second class's probability reaches it")
parser.add_argument("--classes", help="names to answer instead of the classifier's own, in its order")
arguments = parser.parse_args()


def scaler_of(step):
    """The member "scaler" of a fitted scaler."""
    if type(step).__name__ == "StandardScaler":
        parts = {"mean": step.mean_ if step.with_mean else None, "scale": step.scale_}
        return {"kind": "standard", **{key: part.tolist() for key, part in parts.items() if part is not None}}
    return {"kind": "min_max", "scale": step.scale_.tolist(), "min": step.min_.tolist(),
            **({"clip": list(step.feature_range)} if step.clip else {})}


def model_of(classifier):
    """Coefficients, where probabilities are a function of the scores that this file's form has; else nothing."""
    if type(classifier).__name__ != "LogisticRegression":
        return {}
    classes = len(classifier.classes_)
    rule = getattr(classifier, "multi_class", "auto")
    coefficients, intercepts = classifier.coef_, classifier.intercept_
    if classes == 2:
        # Of two classes, "multinomial" is the softmax of [-s, s], which is the logistic function of 2 s.
        twice = 2 if rule == "multinomial" else 1
        return {"model": {"coefficients": (coefficients * twice).tolist(), "intercepts": (intercepts * twice).tolist()}}
    one_vs_rest = rule == "ovr" or (classifier.solver == "liblinear" and rule != "multinomial")
    return {"model": {"coefficients": coefficients.tolist(), "intercepts": intercepts.tolist(),
                      **({"multi_class": "one_vs_rest"} if one_vs_rest else {})}}


specification = {"version": 1}
answer = {"name": arguments.name, "classes": [False, True]}
objects = [joblib.load(file) for file in arguments.file]
objects = [part for one in objects for part in (one if isinstance(one, tuple) else [one])]
steps = [step for one in objects for step in (one.named_steps.values() if hasattr(one, "named_steps") else [one])]
steps = [step for step in steps if step is not None and not (isinstance(step, str) and step == "passthrough")]
scalers = []
for position, step in enumerate(steps):
    kind = type(step).__name__
    is_last = position == len(steps) - 1
    if kind == "DictVectorizer":
        if position > 0:
            sys.exit(f"step {position + 1} is a DictVectorizer: it must be the first")
        specification["vectorizer"] = {"feature_names": list(step.feature_names_), "separator": step.separator,
                                       "dtype": np.dtype(step.dtype).name}
    elif kind in ("StandardScaler", "MinMaxScaler"):
        scalers.append(scaler_of(step))
    elif is_last and is_classifier(step) and hasattr(step, "classes_"):
        specification.update(model_of(step))
        answer["classes"] = step.classes_.tolist()
    else:
        sys.exit(f"step {position + 1} is a {kind}: only a DictVectorizer, then StandardScalers and MinMaxScalers, then a "
                 "classifier can be exported; no step is left out")
if scalers:
    specification.update({"scaler": scalers[0]} if len(scalers) == 1 else {"scalers": scalers})
if "vectorizer" not in specification:
    sys.exit("there is no DictVectorizer in " + ", ".join(arguments.file))
if arguments.classes:
    answer["classes"] = arguments.classes.split(",")
if arguments.threshold is not None:
    answer["threshold"] = arguments.threshold
print(json.dumps({**specification, "answer": answer}, indent=1))
