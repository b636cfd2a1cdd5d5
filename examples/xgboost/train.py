"""Trains a small XGBoost classifier on the churn example's invented customers.

    pip install xgboost-cpu==3.2.0 scikit-learn==1.9.1
    python train.py OUT

OUT receives model.ubj (XGBoost's own format, which model servers load), xgboost.json (the specification: the features alone, no
coefficients) and expected.json (probabilities of ../churn/customers.json).
"""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from xgboost import XGBClassifier

churn = Path(__file__).resolve().parent.parent / "churn"
sys.path.insert(0, str(churn))
from train import generate  # noqa: E402

out = Path(sys.argv[1])
out.mkdir(parents=True, exist_ok=True)
customers = generate(3000, seed=3)
churned = np.array([customer.pop("churn") for customer in customers])
vectorizer = DictVectorizer(sparse=False)
model = XGBClassifier(n_estimators=20, max_depth=3, n_jobs=1).fit(vectorizer.fit_transform(customers), churned)
model.save_model(out / "model.ubj")

vectors = vectorizer.transform(json.loads((churn / "customers.json").read_text()))
specification = {"version": 1, "vectorizer": {"feature_names": vectorizer.feature_names_},
                 "answer": {"name": "churn", "classes": [False, True], "threshold": 0.5}}
(out / "xgboost.json").write_text(json.dumps(specification, indent=2) + "\n")
(out / "expected.json").write_text(json.dumps({"predict_proba": model.predict_proba(vectors).tolist()}, indent=2) + "\n")
