"""Writes the tabular specification of a fitted scikit-learn model.

    python export_sklearn.py --name churn [--threshold 0.5] [--classes no,yes] FILE … > churn.json

FILE is a Pipeline (DictVectorizer, optionally a StandardScaler or MinMaxScaler, then a classifier), or its steps in files of their
own, as pickle or joblib wrote them; a file that holds several, as a tuple, is taken apart. They run the code that is in them: load
only your own. Coefficients go along where the classifier is a LogisticRegression.
"""

import argparse
import json
import sys

import joblib
import numpy as np

parser = argparse.ArgumentParser(description="Writes the tabular specification of a fitted scikit-learn model.")
parser.add_argument("file", nargs="+")
parser.add_argument("--name", required=True, help="of the answer: NAME and NAME_probability")
parser.add_argument("--threshold", type=float, help="answer whether the second class's probability reaches it")
parser.add_argument("--classes", help="names to answer instead of the classifier's own, in its order")
arguments = parser.parse_args()

specification = {"version": 1}
answer = {"name": arguments.name, "classes": [False, True]}
objects = [joblib.load(file) for file in arguments.file]
objects = [part for one in objects for part in (one if isinstance(one, tuple) else [one])]
for step in [step for one in objects for step in (one.named_steps.values() if hasattr(one, "named_steps") else [one])]:
    kind = type(step).__name__
    if kind == "DictVectorizer":
        specification["vectorizer"] = {"feature_names": list(step.feature_names_), "separator": step.separator,
                                       "dtype": np.dtype(step.dtype).name}
    elif kind == "StandardScaler":
        parts = {"mean": step.mean_ if step.with_mean else None, "scale": step.scale_}
        specification["scaler"] = {"kind": "standard", **{key: part.tolist() for key, part in parts.items() if part is not None}}
    elif kind == "MinMaxScaler":
        specification["scaler"] = {"kind": "min_max", "scale": step.scale_.tolist(), "min": step.min_.tolist(),
                                   **({"clip": list(step.feature_range)} if step.clip else {})}
    elif hasattr(step, "classes_"):
        # Of one against the rest, probabilities are not the softmax of the scores.
        if kind == "LogisticRegression" and (len(step.classes_) == 2 or getattr(step, "multi_class", None) != "ovr"):
            specification["model"] = {"coefficients": step.coef_.tolist(), "intercepts": step.intercept_.tolist()}
        answer["classes"] = step.classes_.tolist()
    else:
        sys.exit(f"{kind}: only a DictVectorizer, a StandardScaler, a MinMaxScaler and a classifier can be exported")
if "vectorizer" not in specification:
    sys.exit("there is no DictVectorizer in " + ", ".join(arguments.file))
if arguments.classes:
    answer["classes"] = arguments.classes.split(",")
if arguments.threshold is not None:
    answer["threshold"] = arguments.threshold
print(json.dumps({**specification, "answer": answer}, indent=1))
