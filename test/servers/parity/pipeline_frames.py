"""Fits random pipelines on random data frames, and writes what export_sklearn.py makes of them beside what scikit-learn says of new rows.

    python pipeline_frames.py SEED COUNT > cases.json

A case has the specification, records, and for each record the vector in front of the model (NaN is null) or "refused"; where there is a model,
also what it says. `exact` is false where scikit-learn sums a row in an order of its own (Normalizer with l1 and l2 on dense rows).
"""

import json
import random
import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn import linear_model, svm
from sklearn.base import is_classifier
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (KBinsDiscretizer, MaxAbsScaler, MinMaxScaler, Normalizer, OneHotEncoder, OrdinalEncoder, PolynomialFeatures,
                                   RobustScaler, StandardScaler)

sys.path.insert(0, str(Path(__file__).parents[3] / "transformers" / "tabular"))
from export_pipeline import export_pipeline  # noqa: E402
from export_values import Refused  # noqa: E402

warnings.simplefilter("ignore")
CITIES = ["Oslo", "Köln", "Rome", "東京", "Bergen", "Łódź"]


def frame(chance, rows, missing, cities):
    """Two columns of floats, one of whole numbers, two of text, one of booleans."""
    # NaN, since pandas before 3 keeps None in text, which SimpleImputer does not take for missing.
    gap = lambda make: np.nan if chance.random() < missing else make()  # noqa: E731
    return pd.DataFrame({
        "age": [gap(lambda: round(chance.uniform(-20, 90), chance.choice([0, 1, 15]))) for _ in range(rows)],
        "score": [gap(lambda: chance.choice([0.0, 1e-3, 1e6]) * chance.gauss(0, 1)) for _ in range(rows)],
        "visits": [chance.randint(0, 12) for _ in range(rows)],
        "city": [gap(lambda: chance.choice(cities)) for _ in range(rows)],
        "plan": [chance.choice(["a", "b", "c"]) for _ in range(rows)],
        "vip": [chance.random() < 0.4 for _ in range(rows)],
    })


def imputer(chance, text):
    strategy = chance.choice(["most_frequent", "constant"] if text else ["mean", "median", "most_frequent", "constant"])
    fill = {"fill_value": "?" if text else -1} if strategy == "constant" else {}
    return SimpleImputer(strategy=strategy, add_indicator=not text and chance.random() < 0.3, **fill)


def scalers(chance, sparse):
    low = chance.choice([0, -1, 0.25])
    some = [
        StandardScaler(with_mean=not sparse and chance.random() < 0.7, with_std=chance.random() < 0.8),
        MaxAbsScaler(clip=chance.random() < 0.5),
        RobustScaler(with_centering=not sparse and chance.random() < 0.7, with_scaling=chance.random() < 0.8,
                     quantile_range=chance.choice([(25.0, 75.0), (5.0, 90.0)]), unit_variance=chance.random() < 0.3),
        Normalizer(norm=chance.choice(["l1", "l2", "max"])),
        PolynomialFeatures(degree=chance.choice([2, 3, (2, 2), (0, 2), (2, 4)]), interaction_only=chance.random() < 0.4,
                           include_bias=chance.random() < 0.5),
    ]
    dense = [
        MinMaxScaler(feature_range=(low, 1), clip=chance.random() < 0.5),
        KBinsDiscretizer(n_bins=chance.choice([2, 3, 5]), encode=chance.choice(["onehot", "onehot-dense", "ordinal"]),
                         strategy=chance.choice(["uniform", "quantile", "kmeans"]), random_state=0),
    ]
    return some if sparse else some + 2 * dense


def encoder(chance):
    rare = chance.choice([{}, {"min_frequency": 8}, {"max_categories": 3}])
    if chance.random() < 0.5:
        unknown = chance.choice(["error", "use_encoded_value"])
        value = {"unknown_value": chance.choice([-1, np.nan, 99])} if unknown == "use_encoded_value" else {}
        missing = chance.choice([{}, {"encoded_missing_value": -2}])
        return OrdinalEncoder(handle_unknown=unknown, **value, **missing, **rare)
    unknown = chance.choice(["error", "ignore", "infrequent_if_exist"])
    drop = None if unknown == "infrequent_if_exist" else chance.choice([None, "first", "if_binary"])
    return OneHotEncoder(handle_unknown=unknown, drop=drop, sparse_output=chance.random() < 0.7, **rare)


def numeric_branch(chance):
    steps = [imputer(chance, False)] if chance.random() < 0.7 else []
    for _ in range(chance.randint(0 if steps else 1, 2)):
        steps.append(chance.choice(scalers(chance, is_sparse(steps))))
    return make_pipeline(*steps)


def is_sparse(steps):
    return any(isinstance(step, KBinsDiscretizer) and step.encode == "onehot" for step in steps)


def text_branch(chance):
    return make_pipeline(*([imputer(chance, True)] if chance.random() < 0.5 else []), encoder(chance))


def model(chance):
    if chance.random() < 0.4:
        return chance.choice([
            linear_model.LinearRegression(), linear_model.Ridge(), linear_model.Lasso(alpha=0.01), linear_model.ElasticNet(alpha=0.01),
            linear_model.BayesianRidge(), linear_model.HuberRegressor(max_iter=50), linear_model.Lars(), linear_model.LassoLars(alpha=0.01),
            linear_model.OrthogonalMatchingPursuit(), svm.LinearSVR(max_iter=200)])
    return chance.choice([
        *[linear_model.LogisticRegression(solver=solver, max_iter=50) for solver in ("lbfgs", "newton-cg", "sag", "saga", "newton-cholesky")],
        linear_model.RidgeClassifier(), linear_model.SGDClassifier(loss="log_loss"), linear_model.SGDClassifier(loss="modified_huber"),
        linear_model.Perceptron(), svm.LinearSVC(max_iter=200)])


def pipeline_of(chance):
    branches = [("numbers", numeric_branch(chance), chance.choice([["age", "score"], ["age", "score", "visits"], ["visits", "vip"]])),
                ("text", text_branch(chance), chance.choice([["city"], ["city", "plan"], ["plan"]]))]
    if chance.random() < 0.3:
        branches.append(("flag", OneHotEncoder(drop="if_binary"), ["vip"]))
    weights = {"numbers": 0.5} if chance.random() < 0.2 else None
    columns = ColumnTransformer(branches, remainder=chance.choice(["drop", "drop", StandardScaler()]), transformer_weights=weights,
                                sparse_threshold=chance.choice([0, 1, 1]))
    if isinstance(columns.remainder, StandardScaler):
        columns.remainder = "drop" if {"city", "plan"} - set(branches[1][2]) else columns.remainder
    return columns


def fitted(chance, data):
    """A pipeline that scikit-learn itself can fit."""
    while True:
        columns = pipeline_of(chance)
        try:
            matrix = columns.fit(data).transform(data)
            sparse = hasattr(matrix, "toarray")
            steps = [columns]
            if chance.random() < 0.5:
                steps.append(SimpleImputer() if not sparse and chance.random() < 0.3 else chance.choice(scalers(chance, sparse)))
            pipeline = make_pipeline(*steps)
            width = pipeline.fit(data).transform(data[:1]).shape[1]
            if width > 150:
                continue
            if chance.random() < 0.5:
                last = model(chance)
                target = data["visits"] + 3 * data["vip"] + np.arange(len(data)) % 3
                if is_classifier(last):
                    target = target > 8 if chance.random() < 0.5 or "cholesky" in getattr(last, "solver", "") else np.digitize(target, [4, 9])
                pipeline = make_pipeline(*steps, last).fit(data, target)
            return pipeline
        except (ValueError, TypeError, IndexError):
            continue


def numbers(values):
    return [None if np.isnan(value) else value for value in np.asarray(values, dtype=np.float64).tolist()]


def expected(pipeline, row):
    predicts = hasattr(pipeline[-1], "predict")
    try:
        vector = (pipeline[:-1] if predicts else pipeline).transform(row)
        vector = vector.toarray() if hasattr(vector, "toarray") else vector
        if not predicts:
            return {"vector": numbers(vector[0])}
        label = pipeline.predict(row)[0]
        # Some linear models check nothing, and say NaN of a NaN.
        if not is_classifier(pipeline[-1]) and np.isnan(label):
            return "refused"
        if not is_classifier(pipeline[-1]):
            return {"vector": numbers(vector[0]), "value": float(label)}
        shares = {"probabilities": pipeline.predict_proba(row)[0].tolist()} if hasattr(pipeline[-1], "predict_proba") else {}
        return {"vector": numbers(vector[0]), "label": label.item(), **shares}
    except ValueError:
        return "refused"


def describe(step):
    if isinstance(step, Pipeline):
        return " → ".join(describe(each) for _, each in step.steps)
    if isinstance(step, ColumnTransformer):
        return "[" + " | ".join(describe(each) for _, each, _ in step.transformers_ if not isinstance(each, str)) + "]"
    return " ".join(str(step).split())


def steps_of(step):
    inner = [each for _, each, _ in step.transformers_] if isinstance(step, ColumnTransformer) else [each for _, each in getattr(step, "steps", [])]
    return [step] + [deeper for each in inner for deeper in steps_of(each)]


def assert_none_is_refused():
    """An imputer of NaN leaves None to the encoder; both are null in JSON, so such a pipeline has no specification."""
    text = pd.DataFrame({"city": np.array(["Oslo", None, "Rome"], dtype=object)})
    for encoder in (OrdinalEncoder(), OneHotEncoder()):
        pipeline = make_pipeline(SimpleImputer(strategy="constant", fill_value="?"), encoder).fit(text)
        try:
            export_pipeline(pipeline.steps, None, False)
        except Refused:
            continue
        raise AssertionError(f"{describe(pipeline)} was exported")


def main(seed, count):
    assert_none_is_refused()
    chance = random.Random(seed)
    np.random.seed(seed)
    cases = []
    while len(cases) < count:
        data = frame(chance, 60, chance.choice([0, 0.1]), CITIES[:4])
        pipeline = fitted(chance, data)
        specification = export_pipeline(pipeline.steps, None, False)
        answer = {"name": "said", **specification.pop("answer")}
        rows = frame(chance, 8, chance.choice([0, 0.2]), CITIES if chance.random() < 0.5 else CITIES[:4])
        used = [column["name"] for column in specification["columns"]]
        records = [{name: None if pd.isna(value) else value.item() if hasattr(value, "item") else value for name, value in zip(used, row)}
                   for row in rows[used].itertuples(index=False)]
        cases.append({
            "name": f"{seed}.{len(cases)}: {describe(pipeline)}",
            "exact": not any(isinstance(step, Normalizer) and step.norm != "max" for step in steps_of(pipeline)),
            "specification": {**specification, "answer": answer},
            "records": records,
            "expected": [expected(pipeline, rows.iloc[[index]]) for index in range(len(rows))],
        })
    print("[" + ",\n".join(json.dumps(case, ensure_ascii=False, separators=(",", ":"), allow_nan=False) for case in cases) + "]")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
