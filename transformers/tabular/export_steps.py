"""Fitted steps of scikit-learn as members of the tabular specification; export_pipeline.py calls it.

Every function takes the columns that come in and returns the columns that go out, so that a column's type is known from how it is used: a
category that is text makes its column text, a scaler makes it a number.
"""

from export_encoders import ENCODERS
from export_numeric import NUMERIC
from export_values import Column, Refused, constrain, number, own_kind

STEPS = {**ENCODERS, **NUMERIC}


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
    if kind in NUMERIC:
        for column in columns:
            constrain(column, "number", where)
    if kind in STEPS:
        exported, outputs, is_sparse = STEPS[kind](step, columns, sparse, where)
        return [exported], outputs, is_sparse
    known = ["Pipeline", "ColumnTransformer", *STEPS]
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
    return [{"kind": "columns", "branches": branches}], outputs, bool(getattr(step, "sparse_output_", False))


def export_branch(transformer, columns, weight, where):
    steps, outputs, sparse = export_step(transformer, columns, False, where)
    if weight is not None:
        for column in outputs:
            constrain(column, "number", where)
        outputs = [Column(column.name, "number") for column in outputs]
    return {"steps": steps, **({"weight": number(weight, where)} if weight is not None else {})}, outputs, sparse
