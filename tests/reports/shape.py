"""What JSON that others read is made of: which members there are, and of which types."""

from types import UnionType
from typing import Any


def check_shape(value: Any, shape: Any, path: str = "") -> None:
    """`shape` is a type, a list of one shape, which all items have, an object of shapes, which has no other members, or
    a tuple of alternatives: texts that it may be, and None with a shape where it may be null. Counts are never below
    0. A list of a shape and `...` holds an item or more."""
    if isinstance(shape, dict):
        assert isinstance(value, dict), path
        assert set(value) == set(shape), path
        for name, inner in shape.items():
            check_shape(value[name], inner, f"{path}.{name}")
    elif isinstance(shape, list):
        assert isinstance(value, list), path
        assert value or ... not in shape, path
        for item in value:
            check_shape(item, shape[0], f"{path}[]")
    elif isinstance(shape, tuple):
        objects = [one for one in shape if isinstance(one, dict)]
        if value is not None and objects:
            check_shape(value, objects[0], path)
        else:
            assert value in shape, path
    else:
        types = shape.__args__ if isinstance(shape, UnionType) else (shape,)
        assert type(value) in types, f"{path} is {value!r}"
        assert type(value) is not int or value >= 0, f"{path} is {value!r}"
