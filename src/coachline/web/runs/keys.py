"""Which runs ask the same: settled parameters in one spelling."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from coachline.centre import Settings
from coachline.engine.analyses import ANALYSES
from coachline.errors import CoachlineError


def settled(name: str, given: Mapping[str, Any], settings: Settings) -> dict[str, Any]:
    """Every parameter of analysis `name` as it will be used, fit for JSON: given, else set for the centre, else the default.

    Raises
    ------
    CoachlineError
        ``unknown_analysis``, ``unknown_parameter``, ``bad_parameter`` ...
    """
    if name not in ANALYSES:
        raise CoachlineError("unknown_analysis", name=name, known=", ".join(ANALYSES))
    values = ANALYSES[name].settle({**settings.defaults(name), **given})
    return {key: plain(value) for key, value in values.items()}


def plain(value: Any) -> Any:
    """A parameter's value as JSON has it."""
    if isinstance(value, date):
        return value.isoformat()
    return {str(k): plain(v) for k, v in value.items()} if isinstance(value, Mapping) else value


def key_of(kind: str, name: str, parameters: Mapping[str, Any], centre: int | None) -> str:
    """What is equal for equal questions."""
    text = json.dumps([kind, name, centre, parameters], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
