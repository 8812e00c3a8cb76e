"""Types of columns of JSON: the narrowest that holds every value as it is, told value by value, so that any order gives the same.

Where there is none (a number in one row and a word in another; objects with other keys), the column is text: strings as they are,
all else as JSON.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from functools import reduce
from math import isfinite
from typing import Any

import polars as pl

# Integers up to this are floats, too, without loss.
_EXACT = 2**53

# Stands for whole numbers beyond, until all values are known: with a fraction among them, they are text.
_LARGE = pl.UInt64()

_NULL: pl.DataType = pl.Null()
_WHOLE, _FRACTION, _TEXT = pl.Int64(), pl.Float64(), pl.String()


def type_of(value: Any) -> pl.DataType | None:
    """The type of one value of JSON; None if it must be written as text."""
    return _TYPES[type(value)](value)


def joined(one: pl.DataType | None, other: pl.DataType | None) -> pl.DataType | None:
    """The type of a column that holds values of both; None if only text does."""
    if one == other or one is None or other == _NULL:
        return one
    if other is None or one == _NULL:
        return other
    if isinstance(one, pl.List) and isinstance(other, pl.List):
        return _list(joined(_inner(one), _inner(other)))
    if isinstance(one, pl.Struct) and isinstance(other, pl.Struct):
        return _struct(one, other)
    numbers = {one, other}
    return _LARGE if numbers == {_WHOLE, _LARGE} else _FRACTION if numbers == {_WHOLE, _FRACTION} else None


def settled(dtype: pl.DataType | None) -> pl.DataType:
    """The type to read a column in, once all its values are known; a column that is null in every row is one of strings."""
    if dtype is None or dtype == _NULL:
        return _TEXT
    if isinstance(dtype, pl.List):
        return pl.List(settled(_inner(dtype)))
    if isinstance(dtype, pl.Struct):
        return pl.Struct({field.name: settled(_made(field.dtype)) for field in dtype.fields})
    return _WHOLE if dtype == _LARGE else dtype


def series(name: str, values: list[Any], dtype: pl.DataType) -> pl.Series:
    """A column of the values in a type that holds them."""
    return pl.Series(name, [as_text(value) for value in values] if dtype == _TEXT else values, dtype=dtype)


def as_text(value: Any) -> str | None:
    """A string as it is, another value as JSON; null stays null."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _of_int(value: int) -> pl.DataType | None:
    return _WHOLE if abs(value) <= _EXACT else _LARGE if -(2**63) <= value < 2**63 else None


def _of_float(value: float) -> pl.DataType | None:
    return _FRACTION if isfinite(value) else None


def _of_list(values: Iterable[Any]) -> pl.DataType | None:
    null: pl.DataType | None = _NULL
    return _list(reduce(joined, map(type_of, values), null))


def _of_dict(values: Mapping[str, Any]) -> pl.DataType | None:
    types = {key: type_of(value) for key, value in values.items()}
    known = {key: dtype for key, dtype in types.items() if dtype is not None}
    return pl.Struct(known) if known and len(known) == len(types) else None


def _list(inner: pl.DataType | None) -> pl.DataType | None:
    return None if inner is None else pl.List(inner)


def _struct(one: pl.Struct, other: pl.Struct) -> pl.DataType | None:
    if [field.name for field in one.fields] != [field.name for field in other.fields]:
        return None
    types = {a.name: joined(_made(a.dtype), _made(b.dtype)) for a, b in zip(one.fields, other.fields, strict=True)}
    known = {key: dtype for key, dtype in types.items() if dtype is not None}
    return pl.Struct(known) if len(known) == len(types) else None


def _inner(dtype: pl.List) -> pl.DataType:
    return _made(dtype.inner)


def _made(dtype: Any) -> pl.DataType:
    made: pl.DataType = dtype() if isinstance(dtype, type) else dtype
    return made


_TYPES: Mapping[type, Callable[[Any], pl.DataType | None]] = {
    type(None): lambda _: _NULL,
    bool: lambda _: pl.Boolean(),
    int: _of_int,
    float: _of_float,
    str: lambda _: _TEXT,
    list: _of_list,
    dict: _of_dict,
}
