"""Fitted steps of scikit-learn as members of the tabular specification; export_pipeline.py calls it.

Every function takes the columns that come in and returns the columns that go out, so that a column's type is known from how it is used: a
category that is text makes its column text, a scaler makes it a number.
"""

import math

import numpy as np


class Refused(Exception):
    """What cannot be exported, by name and with the reason."""


class Column:
    def __init__(self, name, type=None):
        self.name, self.type = name, type


def constrain(column, type, where):
    """Says that a column is number, text or boolean; a boolean may be used as a number."""
    kinds = {column.type, type} - {None}
    if kinds == {"number", "boolean"}:
        column.type = "boolean"
    elif len(kinds) == 2:
        raise Refused(f"{where}: the column '{column.name}' is used as text and as a {(kinds - {'text'}).pop()}")
    else:
        column.type = type


def own_kind(step):
    """Name of one of scikit-learn's classes; a subclass may compute anything."""
    kind = type(step)
    return kind.__name__ if kind.__module__.split(".")[0] == "sklearn" else f"{kind.__module__}.{kind.__name__}"


def number(value, where):
    value = float(value)
    if not math.isfinite(value):
        raise Refused(f"{where}: {value} has no place in the specification")
    return int(value) if value.is_integer() and abs(value) < 2**53 and not (value == 0 and math.copysign(1, value) < 0) else value


def numbers(values, where):
    return [numbers(value, where) if np.ndim(value) else number(value, where) for value in values]


def is_missing(value):
    return value is None or type(value).__name__ == "NAType" or (isinstance(value, (float, np.floating)) and math.isnan(value))


def category(value, where):
    """A category as JSON; booleans are 0 and 1, None, NaN and NA are null."""
    if is_missing(value):
        return None
    if isinstance(value, (str, np.str_)):
        return str(value)
    if isinstance(value, (bool, np.bool_)):
        return int(value)
    if isinstance(value, (int, np.integer)) and abs(int(value)) > 2**53:
        raise Refused(f"{where}: the category {value} is beyond 2^53, where a 64-bit float does not tell it from its neighbours")
    if isinstance(value, (int, float, np.integer, np.floating)):
        return number(value, where)
    raise Refused(f"{where}: a category of type {type(value).__name__}, only text, numbers and booleans are told apart in JSON")


def categories_of(values, column, where):
    exported = [category(value, where) for value in values]
    if exported.count(None) > 1:
        raise Refused(f"{where}: the column '{column.name}' has the categories None and NaN, which are both null in JSON")
    for value in values:
        if not is_missing(value):
            text = isinstance(value, str)
            constrain(column, "text" if text else "boolean" if isinstance(value, (bool, np.bool_)) else "number", where)
    return exported


def assert_float64(dtype, where):
    kind = np.dtype(dtype)
    if kind.kind not in "iub" and kind != np.float64:
        raise Refused(f"{where}: dtype {kind.name}, the steps behind it would compute in other floats than float64")


def one_hot_encoder(step, columns, where):
    assert_float64(step.dtype, where)
    unknown = {"error": "error", "ignore": "zeros"}.get(step.handle_unknown)
    infrequent = getattr(step, "infrequent_categories_", None) or [None] * len(columns)
    dropped = step.drop_idx_ if step.drop_idx_ is not None else [None] * len(columns)
    encoders, outputs = [], []
    for values, rare, drop, column in zip(step.categories_, infrequent, dropped, columns):
        categories = categories_of(values, column, where)
        rare = set() if rare is None else {category(value, where) for value in rare}
        frequent = [value for value in categories if value not in rare]
        groups = [len(frequent) if value in rare else frequent.index(value) for value in categories]
        gone = None if drop is None else groups[int(drop)]
        places = [-1 if group == gone else group - (gone is not None and group > gone) for group in groups]
        width = max(places) + 1
        # Of "infrequent_if_exist", "warn" and their like: the place of the infrequent ones, where there are any.
        fallback = unknown or (places[groups.index(len(frequent))] if rare else "zeros")
        encoders.append({"categories": categories, "places": places, "width": width, "unknown": "zeros" if fallback == -1 else fallback})
        outputs += [Column(column.name, "number") for _ in range(width)]
    return {"kind": "one_hot_encoder", "columns": encoders}, outputs


def simple_imputer(step, columns, where):
    filled = step.statistics_.astype(step._fill_dtype) if step._fill_dtype.kind == "O" else step.statistics_.astype(np.float64)
    numeric = step._fit_dtype.kind != "O"
    statistics = []
    for value, column in zip(filled, columns):
        value = category(value, where)
        if numeric:
            constrain(column, "number", where)
        elif value is not None:
            constrain(column, "text" if isinstance(value, str) else "number", where)
        statistics.append(value)
    missing = category(step.missing_values, where)
    kept = [column for column, value in zip(columns, statistics) if value is not None]
    flags = step.indicator_.features_.tolist() if step.add_indicator else []
    exported = {"kind": "simple_imputer", "missing_values": missing, "statistics": statistics}
    return {**exported, **({"indicators": flags} if flags else {})}, kept + [Column(columns[flag].name, "number") for flag in flags]


def standard_scaler(step, columns, where):
    parts = {"mean": step.mean_ if step.with_mean else None, "scale": step.scale_ if step.with_std else None}
    return {"kind": "standard_scaler", **{key: numbers(part, where) for key, part in parts.items() if part is not None}}


ENCODERS = {"OneHotEncoder": one_hot_encoder, "SimpleImputer": simple_imputer}
SCALERS = {"StandardScaler": standard_scaler}


def export_steps(named, columns, sparse, where):
    """(exported steps, columns that go out, whether they are a sparse matrix) of (name, fitted step) pairs."""
    steps = []
    for name, step in named:
        exported, columns, sparse = export_step(step, columns, sparse, f"{where}step '{name or own_kind(step)}'")
        steps += exported
    return steps, columns, sparse


def export_step(step, columns, sparse, where):
    if step is None or (isinstance(step, str) and step == "passthrough"):
        return [], columns, sparse
    kind = own_kind(step)
    if kind == "FunctionTransformer" and step.func is None and not step.validate:
        return [], columns, sparse
    if kind == "Pipeline":
        return export_steps(step.steps, columns, sparse, f"{where}, ")
    if kind == "ColumnTransformer":
        return export_column_transformer(step, columns, where)
    if kind in ENCODERS:
        exported, outputs = ENCODERS[kind](step, columns, where)
        return [exported], outputs, getattr(step, "sparse_output", getattr(step, "sparse", sparse))
    if kind in SCALERS:
        for column in columns:
            constrain(column, "number", where)
        exported = SCALERS[kind](step, columns, where)
        return [{**exported, **({"sparse": True} if sparse else {})}], [Column(column.name, "number") for column in columns], sparse
    known = ["Pipeline", "ColumnTransformer", *ENCODERS, *SCALERS]
    raise Refused(f"{where} is a {kind}: only {', '.join(known)} and 'passthrough' can be exported; no step is left out")


def export_column_transformer(step, columns, where):
    weights = step.transformer_weights or {}
    branches, outputs = [], []
    for name, transformer, _ in step.transformers_:
        places = list(step._transformer_to_input_indices[name])
        if not places or (isinstance(transformer, str) and transformer == "drop"):
            continue
        chosen = [columns[place] for place in places]
        branch = export_branch(transformer, chosen, weights.get(name), f"{where}, '{name}'")
        branches.append({"columns": places, **branch[0]})
        outputs += branch[1]
    return [{"kind": "columns", "branches": branches}], outputs, bool(step.sparse_output_)


def export_branch(transformer, columns, weight, where):
    steps, outputs, sparse = export_step(transformer, columns, False, where)
    if weight is not None:
        for column in outputs:
            constrain(column, "number", where)
        outputs = [Column(column.name, "number") for column in outputs]
    return {"steps": steps, **({"weight": number(weight, where)} if weight is not None else {})}, outputs, sparse
