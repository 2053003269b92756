"""Values as JSON that comes back as what it was: dates, tuples, decimals, numbers that are none.

What JSON knows stands for itself; everything else is an object of one entry, named after its kind.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import numpy as np

_READERS: dict[str, Callable[[Any], Any]] = {
    "$date": date.fromisoformat,
    "$datetime": datetime.fromisoformat,
    "$time": time.fromisoformat,
    "$seconds": lambda seconds: timedelta(seconds=seconds),
    "$decimal": Decimal,
    "$float": float,
    "$tuple": lambda values: tuple(as_value(value) for value in values),
    "$set": lambda values: frozenset(as_value(value) for value in values),
    "$map": lambda pairs: {as_value(key): as_value(value) for key, value in pairs},
}


def as_json(value: Any) -> Any:
    """`value` in what JSON can hold.

    Raises
    ------
    TypeError
        For what no result holds, e.g. an object.
    """
    match value:
        case None | bool() | str():
            return value
        case np.generic():
            return as_json(value.item())
        case int():
            return value
        case float():
            return float(value) if math.isfinite(value) else {"$float": str(float(value))}
        case datetime():
            return {"$datetime": value.isoformat()}
        case date():
            return {"$date": value.isoformat()}
        case time():
            return {"$time": value.isoformat()}
        case timedelta():
            return {"$seconds": value.total_seconds()}
        case Decimal():
            return {"$decimal": str(value)}
        case Mapping():
            if all(isinstance(key, str) and not key.startswith("$") for key in value):
                return {key: as_json(item) for key, item in value.items()}
            return {"$map": [[as_json(key), as_json(item)] for key, item in value.items()]}
        case list():
            return [as_json(item) for item in value]
        case tuple():
            return {"$tuple": [as_json(item) for item in value]}
        case set() | frozenset():
            return {"$set": sorted((as_json(item) for item in value), key=repr)}
        case _:
            raise TypeError(f"a result cannot hold a {type(value).__name__}")


def as_value(stored: Any) -> Any:
    """What `as_json` was given; every mapping a dict, every set frozen.

    Raises
    ------
    ValueError, TypeError
        For what `as_json` does not write.
    """
    if isinstance(stored, list):
        return [as_value(item) for item in stored]
    if not isinstance(stored, dict):
        return stored
    kind = next(iter(stored), "")
    if not kind.startswith("$"):
        return {key: as_value(item) for key, item in stored.items()}
    if kind not in _READERS or len(stored) > 1:
        raise ValueError(f"{kind} is no kind of value")
    return _READERS[kind](stored[kind])
