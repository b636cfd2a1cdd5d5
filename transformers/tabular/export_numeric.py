"""Fitted steps of scikit-learn that compute, as members of the tabular specification; export_steps.py calls it.

Each takes the step, the columns that come in, whether they are a sparse matrix, and where the step stands; it returns the exported step, the
columns that go out, and whether they are sparse. Every column that comes in is a number.
"""

import numpy as np

from export_values import Column, Refused, assert_float64, numbers


def as_numbers(columns):
    return [Column(column.name, "number") for column in columns]


def scaler(kind, parts, sparse, columns, where):
    """A step that scales each column by itself; parts that are None are left out."""
    members = {key: numbers(part, where) for key, part in parts.items() if part is not None}
    return {"kind": kind, **members, **({"sparse": True} if sparse else {})}, as_numbers(columns), sparse


def standard_scaler(step, columns, sparse, where):
    parts = {"mean": step.mean_ if step.with_mean else None, "scale": step.scale_ if step.with_std else None}
    return scaler("standard_scaler", parts, sparse, columns, where)


def robust_scaler(step, columns, sparse, where):
    parts = {"center": step.center_ if step.with_centering else None, "scale": step.scale_ if step.with_scaling else None}
    return scaler("robust_scaler", parts, sparse, columns, where)


def min_max_scaler(step, columns, sparse, where):
    # It takes no sparse matrix.
    exported, outputs, _ = scaler("min_max_scaler", {"scale": step.scale_, "min": step.min_}, False, columns, where)
    return {**exported, **({"clip": numbers(step.feature_range, where)} if step.clip else {})}, outputs, sparse


def max_abs_scaler(step, columns, sparse, where):
    exported, outputs, _ = scaler("max_abs_scaler", {"scale": step.scale_}, sparse, columns, where)
    # `clip` came with 1.8.
    return {**exported, **({"clip": True} if getattr(step, "clip", False) else {})}, outputs, sparse


def normalizer(step, columns, sparse, where):
    return {"kind": "normalizer", "norm": step.norm, **({"sparse": True} if sparse else {})}, as_numbers(columns), sparse


def k_bins_discretizer(step, columns, _sparse, where):
    assert_float64(step.dtype or np.float64, where)
    edges = [numbers(edges[1:-1], where) for edges in step.bin_edges_]
    exported = {"kind": "k_bins_discretizer", "edges": edges, "encode": "ordinal" if step.encode == "ordinal" else "onehot"}
    widths = [1 if step.encode == "ordinal" else len(inner) + 1 for inner in edges]
    outputs = [Column(column.name, "number") for column, width in zip(columns, widths) for _ in range(width)]
    return exported, outputs, step.encode == "onehot"


MAX_DEGREE = 64


def polynomial_features(step, columns, sparse, where):
    least, most = (0, step.degree) if np.ndim(step.degree) == 0 else step.degree
    if most > MAX_DEGREE:
        raise Refused(f"{where}: degree {most} is beyond {MAX_DEGREE}")
    options = {"interaction_only": step.interaction_only, "include_bias": step.include_bias, "sparse": sparse}
    exported = {"kind": "polynomial_features", "degree": [int(least), int(most)], **{key: True for key, value in options.items() if value}}
    return exported, [Column("product", "number") for _ in range(step.n_output_features_)], sparse


NUMERIC = {
    "StandardScaler": standard_scaler,
    "MinMaxScaler": min_max_scaler,
    "MaxAbsScaler": max_abs_scaler,
    "RobustScaler": robust_scaler,
    "Normalizer": normalizer,
    "KBinsDiscretizer": k_bins_discretizer,
    "PolynomialFeatures": polynomial_features,
}
