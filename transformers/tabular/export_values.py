"""Columns, numbers and categories as the tabular specification has them, and what it has no place for."""

import math

import numpy as np


class Refused(Exception):
    """What cannot be exported, by name and with the reason."""


class Column:
    imputed = False

    def __init__(self, name, type=None):
        self.name, self.type = name, type


class ImputedColumn:
    """A column behind an imputer that filled what is null; its type is still said to the column itself."""

    imputed = True

    def __init__(self, column):
        self._column, self.name = column, column.name

    @property
    def type(self):
        return self._column.type

    @type.setter
    def type(self, type):
        self._column.type = type


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
    if None in exported and column.imputed:
        raise Refused(f"{where}: the column '{column.name}' has a missing category although an imputer stands before: it was fitted with both None and "
                      "NaN, or with the one that its missing_values does not name, and both are null in JSON")
    for value in values:
        if not is_missing(value):
            text = isinstance(value, str)
            constrain(column, "text" if text else "boolean" if isinstance(value, (bool, np.bool_)) else "number", where)
    return exported


def assert_float64(dtype, where):
    kind = np.dtype(dtype)
    if kind.kind not in "iub" and kind != np.float64:
        raise Refused(f"{where}: dtype {kind.name}, the steps behind it would compute in other floats than float64")
