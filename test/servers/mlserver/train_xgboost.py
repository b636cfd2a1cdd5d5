"""Trains a small XGBoost classifier on the churn example's customers, in the example's own feature order.

    python train_xgboost.py examples/churn OUT.json
"""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from xgboost import XGBClassifier

folder = Path(sys.argv[1])
sys.path.insert(0, str(folder))
from train import generate  # noqa: E402

customers = generate(2000, seed=3)
churned = np.array([customer.pop("churn") for customer in customers])
vectorizer = DictVectorizer(sparse=False)
vectors = vectorizer.fit_transform(customers)
assert vectorizer.feature_names_ == json.loads((folder / "vectorizer.json").read_text())["feature_names"]
XGBClassifier(n_estimators=20, max_depth=3, n_jobs=1).fit(vectors, churned).save_model(sys.argv[2])
