"""Fits the models that export_sklearn.py is tested with.

    python export_models.py FOLDER

For each case FOLDER/CASE receives the model's files, and expected.json: the files' names, records and predict_proba.
"""

import json
import pickle
import random
import sys
from pathlib import Path

import joblib
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

chance = random.Random(7)
records = [{"age": chance.randint(18, 90), "city": chance.choice(["Oslo", "Köln", "東京"]), "score": chance.random()} for _ in range(300)]
two = [record["age"] + 30 * (record["city"] == "Oslo") + chance.gauss(0, 20) > 60 for record in records]
three = ["old" if record["age"] > 65 else "young" if record["age"] < 40 else "middle" for record in records]


def case(name, files, model, how=joblib.dump):
    folder = Path(sys.argv[1]) / name
    folder.mkdir(parents=True)
    for file, content in files.items():
        how(content, folder / file)
    probe = [{"age": 33, "city": "Bergen"}, *records[:20]]
    (folder / "expected.json").write_text(json.dumps({"files": list(files), "records": probe, "probabilities": model.predict_proba(probe).tolist()}))


def write_pickle(content, path):
    with open(path, "wb") as file:
        pickle.dump(content, file)


pipeline = make_pipeline(DictVectorizer(sparse=False), StandardScaler(), LogisticRegression()).fit(records, two)
case("pipeline", {"pipeline.joblib": pipeline}, pipeline)

vectorizer = DictVectorizer(sparse=False)
classifier = LogisticRegression(solver="liblinear").fit(vectorizer.fit_transform(records), [int(value) for value in two])
case("tuple", {"model.bin": (vectorizer, classifier)}, Pipeline([("vectorizer", vectorizer), ("classifier", classifier)]), write_pickle)

vectorizer = DictVectorizer(sparse=False, dtype=np.float32, separator=": ", sort=False)
scaler = MinMaxScaler(clip=True, feature_range=(-1, 1))
classifier = LogisticRegression(max_iter=500).fit(scaler.fit_transform(vectorizer.fit_transform(records)), three)
case("parts", {"vectorizer.pkl": vectorizer, "scaler.pkl": scaler, "classifier.pkl": classifier},
     Pipeline([("vectorizer", vectorizer), ("scaler", scaler), ("classifier", classifier)]), write_pickle)

sparse = make_pipeline(DictVectorizer(), StandardScaler(with_mean=False), LogisticRegression()).fit(records, two)
case("sparse", {"pipeline.joblib": sparse}, sparse)

forest = make_pipeline(DictVectorizer(), RandomForestClassifier(n_estimators=5, random_state=1)).fit(records, three)
case("forest", {"pipeline.joblib": forest}, forest)
