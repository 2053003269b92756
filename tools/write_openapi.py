"""Writes ``docs/openapi.json``, the description of the API. Run as ``make docs``."""

from __future__ import annotations

import json
import os
from pathlib import Path

TARGET = Path(__file__).parents[1] / "docs" / "openapi.json"


def description() -> str:
    """The whole file; Django must have been started."""
    from coachline.web.api.application import api

    # The library writes no reason beside a status that it knows; keys keep their order, so that a change shows as a change.
    return json.dumps(api.get_openapi_schema(path_prefix="/api/v1/"), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coachline.web.config.settings")
    import django

    django.setup()
    TARGET.write_text(description(), encoding="utf-8")
