"""Version 2 of the tabular specification: named columns, fitted steps, a linear model; export_sklearn.py calls it."""

import numpy as np
from sklearn.base import is_classifier, is_regressor

from export_steps import export_steps
from export_values import Column, Refused, constrain, numbers, own_kind

# Whose predict is X @ coef_ + intercept_.
REGRESSORS = {"ARDRegression", "BayesianRidge", "ElasticNet", "ElasticNetCV", "HuberRegressor", "Lars", "LarsCV", "Lasso", "LassoCV", "LassoLars",
              "LassoLarsCV", "LassoLarsIC", "LinearRegression", "LinearSVR", "OrthogonalMatchingPursuit", "OrthogonalMatchingPursuitCV",
              "PassiveAggressiveRegressor", "QuantileRegressor", "Ridge", "RidgeCV", "SGDRegressor", "TheilSenRegressor"}
# Whose classes are decided by X @ coef_.T + intercept_.
CLASSIFIERS = {"LinearSVC", "LogisticRegression", "LogisticRegressionCV", "PassiveAggressiveClassifier", "Perceptron", "RidgeClassifier",
               "RidgeClassifierCV", "SGDClassifier"}


def export_pipeline(named, columns, features):
    """The specification of (name, fitted step) pairs; `columns` names the fields where the steps do not know them."""
    names = fields_of([step for _, step in named], columns)
    inputs = [Column(name) for name in names]
    *before, (last_name, last) = named
    predicts = is_classifier(last) or is_regressor(last)
    steps, outputs, _ = export_steps(before if predicts else named, inputs, False, "")
    where = f"step '{last_name or own_kind(last)}'"
    for output in outputs:
        constrain(output, "number", where)
    specification = {"version": 2}
    if predicts and not features:
        specification["model"] = model_of(last, where, len(outputs))
    classes = {"classes": classes_of(last, where)} if is_classifier(last) else {}
    inputs, steps = drop_unused(inputs, steps)
    fields = [{"name": column.name, "type": column.type or "number"} for column in inputs]
    return {"version": 2, "columns": fields, "steps": steps, **specification, "answer": classes}


def fields_of(steps, given):
    first = steps[0]
    seen = getattr(first, "feature_names_in_", None)
    if seen is None and given is None:
        raise Refused(f"the {type(first).__name__} was fitted without names of columns: give them with --columns, in their order")
    names = [str(name) for name in (seen if seen is not None else given)]
    count = getattr(first, "n_features_in_", len(names))
    if len(names) != count:
        raise Refused(f"--columns: the {type(first).__name__} takes {count} columns, got {len(names)} names")
    for name in names:
        if names.count(name) > 1:
            raise Refused(f"the column '{name}' is there twice: a record has one value for a name")
    return names


def drop_unused(inputs, steps):
    """(inputs that steps take, those steps): columns that no branch of a ColumnTransformer takes, nested ones too, are no part of a record."""
    if not steps or steps[0]["kind"] != "columns":
        return inputs, steps
    branches = []
    for branch in steps[0]["branches"]:
        taken, inner = drop_unused(branch["columns"], branch["steps"])
        branches += [{**branch, "columns": taken, "steps": inner}] if taken else []
    used = sorted({column for branch in branches for column in branch["columns"]})
    places = {column: place for place, column in enumerate(used)}
    branches = [{**branch, "columns": [places[column] for column in branch["columns"]]} for branch in branches]
    return [inputs[column] for column in used], [{**steps[0], "branches": branches}, *steps[1:]]


def classes_of(classifier, where):
    classes = classifier.classes_
    if isinstance(classes, list) or classes.ndim != 1:
        raise Refused(f"{where}: a classifier with several outputs has no place in the specification")
    return classes.tolist()


def model_of(model, where, width):
    kind = own_kind(model)
    if kind not in REGRESSORS | CLASSIFIERS:
        raise Refused(f"{where} is a {kind}: only linear models are scored here ({', '.join(sorted(REGRESSORS | CLASSIFIERS))}); "
                      "with --features the steps in front of it are exported, and a server has the model")
    coefficients = model.coef_.toarray() if hasattr(model.coef_, "toarray") else np.asarray(model.coef_)
    coefficients = np.atleast_2d(coefficients).astype(np.float64)
    if kind in REGRESSORS:
        rows, link = 1, "value"
    else:
        classes = len(classes_of(model, where))
        rows, link = 1 if classes == 2 else classes, link_of(model, kind, classes)
    if coefficients.shape != (rows, width):
        raise Refused(f"{where}: expected coefficients of shape ({rows}, {width}), got {coefficients.shape}: several outputs have no place "
                      "in the specification")
    intercepts = np.broadcast_to(np.ravel(model.intercept_).astype(np.float64), (rows,))
    # Of two classes, "multinomial" is the softmax of [-s, s] (scikit-learn up to 1.7), which is the logistic function of 2 s.
    twice = 2 if kind.startswith("Logistic") and rows == 1 and getattr(model, "multi_class", None) == "multinomial" else 1
    return {"coefficients": numbers(coefficients * twice, where), "intercepts": numbers(intercepts * twice, where), "link": link}


def link_of(model, kind, classes):
    if kind.startswith("LogisticRegression"):
        rule = getattr(model, "multi_class", "auto")
        one_vs_rest = rule == "ovr" or (model.solver == "liblinear" and rule != "multinomial")
        return "logistic" if classes == 2 or one_vs_rest else "softmax"
    if kind == "SGDClassifier":
        return {"log_loss": "logistic", "log": "logistic", "modified_huber": "modified_huber"}.get(model.loss, "label")
    return "label"
