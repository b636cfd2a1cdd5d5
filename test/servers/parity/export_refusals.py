"""What export_sklearn.py refuses, and every model that it takes beside scikit-learn.

    python export_refusals.py > export.json

`refused` has the message (or null where nothing was refused) by the name of a case; `models` has a case of pipeline_frames.py for each model.
"""

import json
import subprocess
import sys
import tempfile
import warnings
from datetime import date
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn import linear_model, svm
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import PCA
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, PolynomialFeatures, StandardScaler

from pipeline_frames import expected, describe
from export_pipeline import CLASSIFIERS, REGRESSORS, export_pipeline
from export_values import Refused

warnings.simplefilter("ignore")
NUMBERS = pd.DataFrame({"a": [1.0, 2.0, 4.0, 7.0], "b": [0.5, -1.0, 3.0, 2.0]})
TEXT = pd.DataFrame({"city": ["Oslo", "Rome", "Oslo", "Bergen"]})
TARGET = np.array([0, 1, 1, 0])


class OwnScaler(StandardScaler):
    pass


def encoded(values, encoder):
    return encoder.fit(pd.DataFrame({"x": np.array(values, dtype=object)}))


def none_left_by_an_imputer():
    text = pd.DataFrame({"city": np.array(["Oslo", None, "Rome"], dtype=object)})
    return make_pipeline(SimpleImputer(strategy="constant", fill_value="?"), OrdinalEncoder()).fit(text)


def none_that_fills():
    text = pd.DataFrame({"city": np.array([None, None, "Rome"], dtype=object)})
    return make_pipeline(SimpleImputer(strategy="most_frequent"), OrdinalEncoder()).fit(text)


def infinite_intercept():
    pipeline = make_pipeline(StandardScaler(), linear_model.Ridge()).fit(NUMBERS, TARGET)
    pipeline[-1].intercept_ = np.inf
    return pipeline


def text_as_number():
    columns = ColumnTransformer([("one", OneHotEncoder(), ["city"])]).fit(TEXT)
    # No frame can be fitted so; a pickle that was put together by hand can.
    scaler = StandardScaler().fit(np.ones((2, 1)))
    columns.transformers_ = [("one", columns.transformers_[0][1], ["city"]), ("two", scaler, ["city"])]
    columns._transformer_to_input_indices = {"one": [0], "two": [0]}
    return columns


REFUSED = {
    "no names of columns": (lambda: StandardScaler().fit(NUMBERS.to_numpy()), None),
    "too few names of columns": (lambda: StandardScaler().fit(NUMBERS.to_numpy()), ["a"]),
    "a name twice": (lambda: StandardScaler().fit(NUMBERS.to_numpy()), ["a", "a"]),
    "an unknown step": (lambda: make_pipeline(PCA(1), linear_model.Ridge()).fit(NUMBERS, TARGET), None),
    "a class of one's own": (lambda: OwnScaler().fit(NUMBERS), None),
    "a function": (lambda: make_pipeline(FunctionTransformer(np.tanh), StandardScaler()).fit(NUMBERS), None),
    "no linear model": (lambda: make_pipeline(StandardScaler(), RandomForestClassifier(2)).fit(NUMBERS, TARGET), None),
    "several outputs": (lambda: make_pipeline(StandardScaler(), linear_model.Ridge()).fit(NUMBERS, np.c_[TARGET, TARGET]), None),
    "a classifier of several outputs": (
        lambda: make_pipeline(StandardScaler(), RandomForestClassifier(2)).fit(NUMBERS, np.c_[TARGET, TARGET]), None, True),
    "a high degree": (lambda: PolynomialFeatures(65).fit(NUMBERS), None),
    "an encoder of float32": (lambda: OneHotEncoder(dtype=np.float32).fit(TEXT), None),
    "an encoder of booleans": (lambda: OrdinalEncoder(dtype=bool).fit(TEXT), None),
    "a code that the dtype does not hold": (
        lambda: OrdinalEncoder(dtype=np.int8, handle_unknown="use_encoded_value", unknown_value=300).fit(TEXT), None),
    "None and NaN": (lambda: encoded(["a", None, np.nan], OneHotEncoder()), None),
    "None behind an imputer of NaN": (none_left_by_an_imputer, None),
    "None as what fills": (none_that_fills, None),
    "a category beyond 2^53": (lambda: OneHotEncoder().fit(pd.DataFrame({"id": [2**53 + 1, 5]})), None),
    "a category of another type": (lambda: encoded([date(2020, 1, 1), date(2021, 1, 1)], OneHotEncoder()), None),
    "an infinite number": (infinite_intercept, None),
    "a column as text and as number": (text_as_number, None),
}


def refusal(make, columns, features=False):
    step = make()
    named = step.steps if hasattr(step, "steps") else [(None, step)]
    try:
        export_pipeline(named, columns, features)
    except Refused as refused:
        return str(refused)
    return None


def refused_command(step, *options):
    """As export_sklearn.py is called, with a file; without a step there is none."""
    with tempfile.TemporaryDirectory() as folder:
        file = str(Path(folder) / "model.joblib")
        if step is not None:
            joblib.dump(step, file)
        export = Path(__file__).parents[3] / "transformers" / "tabular" / "export_sklearn.py"
        done = subprocess.run([sys.executable, str(export), "--name", "x", *options, file], capture_output=True, text=True)
        return done.stderr.strip().replace(folder, "…") if done.returncode == 1 and done.stdout == "" else None


OPTIONS = {"QuantileRegressor": {"alpha": 0.01}, "ARDRegression": {}, "TheilSenRegressor": {"random_state": 1},
           "LinearSVR": {"max_iter": 500}, "Lasso": {"alpha": 0.01}, "ElasticNet": {"alpha": 0.01}}


def model_case(kind, classes):
    chance = np.random.default_rng(len(kind) + 10 * classes)
    names = ["a", "b", "c"]
    data = pd.DataFrame(chance.normal(size=(60, 3)) * [1, 10, 0.1], columns=names)
    target = data["a"] * 2 + data["b"] / 5 - data["c"] + chance.normal(size=60) / 10
    if classes:
        target = np.digitize(target, np.quantile(target, np.arange(1, classes) / classes))
    model = getattr(svm if kind.startswith("LinearSV") else linear_model, kind)(**OPTIONS.get(kind, {}))
    pipeline = make_pipeline(StandardScaler(), model).fit(data, target)
    specification = export_pipeline(pipeline.steps, None, False)
    answer = {"name": "said", **specification.pop("answer")}
    rows = pd.DataFrame(chance.normal(size=(20, 3)) * [1, 10, 0.1], columns=names)
    return {"name": f"{describe(pipeline)}, {classes} classes", "exact": True, "specification": {**specification, "answer": answer},
            "records": [dict(zip(names, row)) for row in rows.to_numpy().tolist()],
            "expected": [expected(pipeline, rows.iloc[[index]]) for index in range(len(rows))]}


def nested():
    """A ColumnTransformer in another one drops the text that it gets, and one more drops all."""
    inner = ColumnTransformer([("scaled", StandardScaler(), ["a"])])
    nothing = ColumnTransformer([("none", "drop", ["b"])])
    return ColumnTransformer([("inner", inner, ["city", "a"]), ("nothing", nothing, ["b"])])


def of_old_versions():
    """An imputer without the attributes that came with 1.1 and 1.7."""
    imputer = SimpleImputer(strategy="median", add_indicator=True).fit(NUMBERS.where(NUMBERS["a"] > 1)[["a", "b"]])
    del imputer._fill_dtype, imputer._fit_dtype
    return imputer


MIXED = pd.DataFrame({"a": [1.0, np.nan, 4.0, 7.0], "b": [0.5, -1.0, 3.0, np.nan], "city": ["Oslo", "Rome", "", "1"]})
OTHERS = {
    "a nested transformer that drops text": (lambda: nested().fit(MIXED), None),
    "an imputer fitted on float32": (lambda: SimpleImputer().fit(MIXED[["a"]].mul(0.1).astype("float32")), None),
    "an imputer of an older scikit-learn": (of_old_versions, lambda: SimpleImputer(strategy="median", add_indicator=True).fit(
        NUMBERS.where(NUMBERS["a"] > 1)[["a", "b"]])),
}


def other_case(name, make, oracle):
    step = make()
    specification = export_pipeline([(None, step)], None, False)
    used = [column["name"] for column in specification["columns"]]
    rows = MIXED[list(step.feature_names_in_)]
    records = [{key: None if pd.isna(value) else value for key, value in zip(used, row)} for row in rows[used].itertuples(index=False)]
    pipeline = Pipeline([("only", oracle() if oracle else step)])
    return {"name": name, "exact": True, "specification": {**specification, "answer": {"name": "said", **specification.pop("answer")}},
            "records": records, "expected": [expected(pipeline, rows.iloc[[index]]) for index in range(len(rows))]}


def main():
    refused = {name: refusal(*case) for name, case in REFUSED.items()}
    dictionary = make_pipeline(DictVectorizer(sparse=False), PCA(1)).fit([{"a": 1}, {"a": 2}])
    refused["a step behind a DictVectorizer"] = refused_command(dictionary)
    refused["no step"] = refused_command(Pipeline([("nothing", "passthrough")]))
    refused["no file"] = refused_command(None)
    refused["a threshold that is no probability"] = refused_command(dictionary, "--threshold", "3")
    models = [model_case(kind, 0) for kind in sorted(REGRESSORS)]
    models += [model_case(kind, classes) for kind in sorted(CLASSIFIERS) for classes in (2, 3)]
    models += [other_case(name, *case) for name, case in OTHERS.items()]
    print(json.dumps({"refused": refused, "models": models}, allow_nan=False))


if __name__ == "__main__":
    main()
