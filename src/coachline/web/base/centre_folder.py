"""The open centre: the folder that this deployment serves."""

from __future__ import annotations

import threading
from pathlib import Path

from django.conf import settings

from coachline.centre import Centre, Settings
from coachline.errors import CoachlineError

_open = threading.local()
"""A centre per thread, since what one thread asks its engine must not mix with what another one does."""


def folder() -> Path:
    return Path(settings.COACHLINE_CENTRE)


def centre() -> Centre:
    """The centre, opened once per thread; opened anew after its settings were changed."""
    file = folder() / "centre.toml"
    try:
        stamp = (str(file), file.stat().st_mtime_ns)
    except OSError:
        raise CoachlineError("not_a_centre", folder=str(folder())) from None
    if getattr(_open, "stamp", None) != stamp:
        _open.centre, _open.stamp = Centre(folder()), stamp
    found: Centre = _open.centre
    return found


def centre_settings() -> Settings:
    return centre().settings


def centre_name() -> str:
    """The centre's name; empty where there is no centre yet."""
    try:
        return centre_settings().name
    except CoachlineError:
        return ""
