"""Records with everything that a client may send, and what scikit-learn makes of them.

    python dict_vectorizer.py FOLDER

FOLDER receives specification-NAME.json (float64, float32, standard, min-max), records.json (a V1 request of COUNT records that
scikit-learn takes), vectors-NAME.json (its vectors; NaN and the infinities as text), refused.json (records on which it raises TypeError) and
about.json (versions, and how many records are of each kind). The same seed gives the same files.
"""

import json
import platform
import random
import sys
from pathlib import Path

import numpy as np
import sklearn
from sklearn.feature_extraction import DictVectorizer
from sklearn.preprocessing import MinMaxScaler, StandardScaler

COUNT = 10_000
CITIES = ["Oslo", "Köln", "Ko\u0308ln", "東京", "القاهرة", "Κέρκυρα", "São Paulo", "🏙️ New York", "İstanbul", "", " ", "a=b", "nan", "None", "\u0000", "\ud83d", "O\u2019slo"]
CONTRACTS = ["month-to-month", "one_year", "two_year"]
PAYMENTS = ["mailed_check", "electronic_check", "bank_transfer_(automatic)", "credit_card_(automatic)"]


def ordinary(random):
    """A record as the model was trained on."""
    return {
        "tenure": random.randint(0, 72),
        "monthlycharges": round(random.uniform(18, 119), 2),
        "senior": random.random() < 0.2,
        "contract": random.choice(CONTRACTS),
        "city": random.choice(CITIES),
        "payment": random.sample(PAYMENTS, random.randint(0, 3)),
        "plan": random.choice([1, 2, 3, "1", "2", "three"]),
        "größe": random.uniform(1.5, 2.1),
    }


def missing(record, random):
    for field in random.sample(list(record), random.randint(1, len(record))):
        del record[field]


def new_category(record, random):
    record[random.choice(["contract", "city", "plan"])] = random.choice(["three_year", "Atlantis", "ONE_YEAR", "one_year ", "month\u2010to\u2010month"])


def new_field(record, random):
    record[random.choice(["colour", "größe ", "Tenure", "__proto__", "constructor", "toString", "", "0", "12"])] = random.choice(["green", 7, 1.5, True, None, []])


def unicode(record, random):
    record["city"] = random.choice(CITIES[1:9] + ["Москва", "ﬁ", "fi", "e\u0301", "é", "\U0001F468\u200D\U0001F469\u200D\U0001F467"])


def number_as_text(record, random):
    field = random.choice(["tenure", "monthlycharges", "größe", "senior", "plan"])
    record[field] = random.choice(["12", "1", "2", "1.0", "1e3", "-5", "0x10", "NaN", "Infinity", " 3 ", "½"])


def boolean(record, random):
    record[random.choice(["tenure", "contract", "senior", "plan", "city"])] = random.random() < 0.5


def none(record, random):
    record[random.choice(list(record) or ["tenure"])] = None


def several(record, random):
    record[random.choice(["payment", "contract", "city", "tenure"])] = random.choices(PAYMENTS + CONTRACTS + CITIES[:4], k=random.randint(0, 5))


def unusual_number(record, random):
    field = random.choice(["tenure", "monthlycharges", "größe", "plan"])
    record[field] = random.choice([0, -0.0, -1, 2**53 + 1, -(2**63), 10**25 + 7, 1e308, 5e-324, 0.1 + 0.2, 1e21, 123456789.123456789, random.random(), random.randint(-10**18, 10**18)])


def named_like_a_category(record, random):
    record[random.choice(["contract=one_year", "city=Oslo", "plan=1", "payment=mailed_check"])] = random.choice([1, 2.5, True, None, "x"])


KINDS = [missing, new_category, new_field, unicode, number_as_text, boolean, none, several, unusual_number, named_like_a_category]
REFUSED = [{"tenure": {"years": 1}}, {"payment": [1, 2]}, {"payment": ["mailed_check", None]}, {"colour": {"r": 1}}, {"colour": [True, False]}, {"city": [["Oslo"]]}, {"contract": {}}]


def generate():
    chance = random.Random(20)
    training = [ordinary(chance) for _ in range(500)]
    records, counts = [], {"ordinary": 0, **{kind.__name__: 0 for kind in KINDS}}
    for index in range(COUNT):
        record = ordinary(chance)
        kinds = [] if index % 20 == 0 else chance.sample(KINDS, chance.randint(1, 3))
        for kind in kinds:
            kind(record, chance)
        for name in {kind.__name__ for kind in kinds} or {"ordinary"}:
            counts[name] += 1
        records.append(record)
    return training, records, counts


def json_number(value):
    return value if np.isfinite(value) else "NaN" if np.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def main():
    folder = Path(sys.argv[1])

    def write(name, value):
        (folder / name).write_text(json.dumps(value))

    training, records, counts = generate()
    answer = {"name": "churn", "classes": [False, True], "threshold": 0.5}
    for name, dtype, scaler in [("float64", np.float64, None), ("float32", np.float32, None),
                                ("standard", np.float64, StandardScaler()), ("min-max", np.float64, MinMaxScaler()),
                                ("sparse", np.float64, StandardScaler(with_mean=False)), ("sparse-float32", np.float32, StandardScaler(with_mean=False))]:
        sparse = name.startswith("sparse")
        vectorizer = DictVectorizer(sparse=sparse, dtype=dtype).fit(training)
        vectors = vectorizer.transform(records)
        specification = {"version": 1, "answer": answer, "records": "as_scikit_learn",
                         "vectorizer": {"feature_names": vectorizer.feature_names_, "dtype": np.dtype(dtype).name}}
        if scaler is not None:
            scaler.fit(vectorizer.transform(training))
            # 1e308 is infinite as float32, which is no case of the scaler's.
            with sklearn.config_context(assume_finite=True):
                vectors = scaler.transform(vectors)
        if sparse:
            vectors = vectors.toarray()
            specification["scaler"] = {"kind": "standard", "scale": scaler.scale_.tolist(), "sparse": True}
        if name == "standard":
            specification["scaler"] = {"kind": "standard", "mean": scaler.mean_.tolist(), "scale": scaler.scale_.tolist()}
        if name == "min-max":
            specification["scaler"] = {"kind": "min_max", "scale": scaler.scale_.tolist(), "min": scaler.min_.tolist()}
        write(f"specification-{name}.json", specification)
        write(f"vectors-{name}.json", [[json_number(value) for value in row] for row in vectors.tolist()])

    for record in REFUSED:
        try:
            vectorizer.transform([record])
        except TypeError:
            continue
        raise AssertionError(f"scikit-learn takes {record}")
    write("records.json", {"instances": records})
    write("refused.json", REFUSED)
    write("about.json", {"python": platform.python_version(), "scikit-learn": sklearn.__version__, "numpy": np.__version__,
                         "features": len(vectorizer.feature_names_), "counts": counts})


main()
