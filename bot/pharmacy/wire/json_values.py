"""JSON as it comes from strangers: any value may stand anywhere, and none of them is a fault of ours."""

import json


def read_json(body: bytes) -> object:
    """What a body says; None where it is no JSON, or is nested deeper than anybody needs."""
    try:
        return json.loads(body, parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def at(value: object, *steps: str | int) -> object:
    """The value at the end of a path of names and places; None where the path breaks off."""
    for step in steps:
        if isinstance(value, dict) and isinstance(step, str):
            value = value.get(step)
        elif isinstance(value, list) and isinstance(step, int) and step < len(value):
            value = value[step]
        else:
            return None
    return value


def is_missing(value: object) -> bool:
    """Whether nothing stands there: null, an empty string, 0 or false."""
    return value is None or (isinstance(value, str | int | float) and not value)


def shown(value: object) -> str:
    """A value inside a sentence; what is no single value by its brackets alone."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict | list):
        return "{…}" if isinstance(value, dict) else "[…]"
    return json.dumps(value)


def is_storable(text: str) -> bool:
    """Whether a database can hold it: no NUL, and no half of a pair of surrogates."""
    return "\0" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)
