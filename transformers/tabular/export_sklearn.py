"""Writes the tabular specification of a fitted scikit-learn model.

    python export_sklearn.py --name churn [--threshold 0.5] [--classes no,yes] [--columns age,city] [--features] FILE … > churn.json

FILE is a Pipeline, or its steps in files of their own, in their order, as pickle or joblib wrote them; a file that holds several, as a
tuple, is taken apart. They run the code that is in them: load only your own.

A chain that begins with a DictVectorizer (then StandardScalers and MinMaxScalers, then a classifier) becomes version 1 of the file's form;
its coefficients go along where the classifier is a LogisticRegression. Every other chain, over the columns of a data frame, becomes version 2
(the other export_*.py, which must lie beside this file): its linear model goes along, unless --features says that a server
has it. What cannot be exported is refused by name.
"""

import argparse
import json
import sys

import joblib
import numpy as np
from sklearn.base import is_classifier

from export_pipeline import export_pipeline
from export_values import Refused

parser = argparse.ArgumentParser(description="Writes the tabular specification of a fitted scikit-learn model.")
parser.add_argument("file", nargs="+")
parser.add_argument("--name", required=True, help="of the response: NAME and NAME_probability")
parser.add_argument("--threshold", type=float, help="respond whether the second class's probability reaches it")
parser.add_argument("--classes", help="names to respond with instead of the classifier's own, in its order")
parser.add_argument("--columns", help="names of the fields, for a pipeline that was fitted on an array without names")
parser.add_argument("--features", action="store_true", help="leave the model out: a server has it")


def scaler_of(step, sparse):
    """The member "scaler" of a fitted scaler; of a sparse matrix it multiplies by 1 / scale_."""
    if type(step).__name__ == "StandardScaler":
        parts = {"mean": step.mean_ if step.with_mean else None, "scale": step.scale_}
        return {"kind": "standard", **{key: part.tolist() for key, part in parts.items() if part is not None},
                **({"sparse": True} if sparse else {})}
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


def export_dictionary(steps, features):
    """Version 1: a DictVectorizer, scalers, a classifier."""
    vectorizer, *others = steps
    answer = {"classes": [False, True]}
    specification = {"version": 1, "vectorizer": {"feature_names": list(vectorizer.feature_names_), "separator": vectorizer.separator,
                                                  "dtype": np.dtype(vectorizer.dtype).name}}
    scalers = []
    for position, step in enumerate(others, start=2):
        kind = type(step).__name__
        if kind in ("StandardScaler", "MinMaxScaler"):
            scalers.append(scaler_of(step, vectorizer.sparse))
        elif position == len(steps) and is_classifier(step) and hasattr(step, "classes_"):
            specification.update({} if features else model_of(step))
            answer["classes"] = step.classes_.tolist()
        else:
            raise Refused(f"step {position} is a {kind}: after a DictVectorizer only StandardScalers and MinMaxScalers, then a "
                          "classifier can be exported; no step is left out")
    if scalers:
        specification.update({"scaler": scalers[0]} if len(scalers) == 1 else {"scalers": scalers})
    return {**specification, "answer": answer}


def load(file):
    try:
        return joblib.load(file)
    except OSError as error:
        raise Refused(f"{file}: {error.strerror or error}") from error


def main(arguments):
    if arguments.threshold is not None and not 0 <= arguments.threshold <= 1:
        raise Refused(f"--threshold: expected 0 to 1, got {arguments.threshold}")
    objects = [load(file) for file in arguments.file]
    objects = [part for one in objects for part in (one if isinstance(one, tuple) else [one])]
    named = [step for one in objects for step in (one.steps if hasattr(one, "named_steps") else [(None, one)])]
    named = [(name, step) for name, step in named if step is not None and not (isinstance(step, str) and step == "passthrough")]
    if not named:
        raise Refused("there is no step in " + ", ".join(arguments.file))
    if type(named[0][1]).__name__ == "DictVectorizer":
        specification = export_dictionary([step for _, step in named], arguments.features)
    else:
        columns = arguments.columns.split(",") if arguments.columns else None
        specification = export_pipeline(named, columns, arguments.features)
    answer = specification.pop("answer")
    if arguments.classes:
        answer["classes"] = arguments.classes.split(",")
    if arguments.threshold is not None:
        answer["threshold"] = arguments.threshold
    return {**specification, "answer": {"name": arguments.name, **answer}}


if __name__ == "__main__":
    try:
        print(json.dumps(main(parser.parse_args()), indent=1, allow_nan=False))
    except Refused as refusal:
        sys.exit(str(refusal))
