"""Fitted encoders and imputers of scikit-learn as members of the tabular specification; export_steps.py calls it.

Each takes the step, the columns that come in, whether they are a sparse matrix, and where the step stands; it returns the exported step, the
columns that go out, and whether they are sparse.
"""

import numpy as np

from export_values import Column, ImputedColumn, Refused, assert_float64, categories_of, category, constrain, is_missing, number


def one_hot_encoder(step, columns, _sparse, where):
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
    # Before 1.2 the option was called sparse.
    return {"kind": "one_hot_encoder", "columns": encoders}, outputs, getattr(step, "sparse_output", getattr(step, "sparse", True))


def ordinal_encoder(step, columns, sparse, where):
    kind = np.dtype(step.dtype)
    if kind.kind == "b":
        raise Refused(f"{where}: dtype bool makes 1 of every number beyond 0")
    assert_float64(kind, where)
    unknown = "error" if step.handle_unknown == "error" else code_of(step.unknown_value, kind, f"{where}, unknown_value")
    groups = getattr(step, "_default_to_infrequent_mappings", None) if getattr(step, "_infrequent_enabled", False) else None
    # Before 1.1 a missing value stays NaN.
    for_missing = getattr(step, "encoded_missing_value", np.nan)
    encoders = []
    for place, (values, column) in enumerate(zip(step.categories_, columns)):
        categories = categories_of(values, column, where)
        missing = step._missing_indices.get(place)
        group = groups[place] if groups is not None else None
        codes = []
        for index in range(len(categories)):
            code = index if group is None or index == missing else int(group[index])
            stands_for_missing = missing is not None and code == missing
            codes.append(code_of(for_missing if stands_for_missing else code, kind, f"{where}, encoded_missing_value"))
        encoders.append({"categories": categories, "codes": codes, "unknown": unknown})
    return {"kind": "ordinal_encoder", "columns": encoders}, [Column(column.name, "number") for column in columns], sparse


def code_of(value, dtype, where):
    """A code as JSON, null for NaN; one that the encoder's dtype cannot hold would be another one there."""
    if is_missing(value):
        return None
    with np.errstate(all="ignore"):
        held = np.asarray(value).astype(dtype)
    if held != value:
        raise Refused(f"{where}: {value} does not fit the encoder's dtype {dtype.name}")
    return number(value, where)


def simple_imputer(step, columns, sparse, where):
    # Before 1.7 the statistics themselves have the dtype that fills, and before 1.1 nothing else has it.
    fill_dtype = getattr(step, "_fill_dtype", step.statistics_.dtype)
    filled = step.statistics_.astype(fill_dtype if fill_dtype.kind in "Of" else np.float64)
    numeric = getattr(step, "_fit_dtype", fill_dtype).kind != "O"
    statistics = []
    for value, column in zip(filled, columns):
        # Of NaN a column without any value is dropped; None and NA are values, which fill.
        if is_missing(value) and not isinstance(value, (float, np.floating)):
            raise Refused(f"{where}: the column '{column.name}' is filled with {value}, and both what is filled and what fills are null in JSON")
        value = category(value, where)
        if numeric:
            constrain(column, "number", where)
        elif value is not None:
            constrain(column, "text" if isinstance(value, str) else "number", where)
        statistics.append(value)
    missing = category(step.missing_values, where)
    fill = ImputedColumn if missing is None else lambda column: column
    kept = [fill(column) for column, value in zip(columns, statistics) if value is not None]
    flags = step.indicator_.features_.tolist() if step.add_indicator else []
    exported = {"kind": "simple_imputer", "missing_values": missing, "statistics": statistics}
    return {**exported, **({"indicators": flags} if flags else {})}, kept + [Column(columns[flag].name, "number") for flag in flags], sparse


ENCODERS = {"OneHotEncoder": one_hot_encoder, "OrdinalEncoder": ordinal_encoder, "SimpleImputer": simple_imputer}
