"""Names of files as browsers send them are anybody's text: made fit to be shown and to be stored under."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 200
LONGEST_ON_DISK = 180
"""Bytes; systems allow 255 for a name, and rejects add a time."""
UNNAMED = "file"


def shown(given: str) -> str:
    """The name without path, control characters and signs that turn the direction of writing; at most 200 characters, its ending kept."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", given))[-1]
    plain = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(" .")
    if len(plain) > LONGEST:
        stem, dot, ending = plain.rpartition(".")
        keep = f"…{dot}{ending}" if dot and len(ending) <= 10 else "…"
        plain = (stem or plain)[: LONGEST - len(keep)] + keep
    return plain or UNNAMED


def on_disk(name: str) -> str:
    """A name from `shown` as a file is called: without the signs that stand for several files, and short enough for every file system."""
    plain = re.sub(r"[*?\[\]{}<>|:\"'$`;&]", "_", name).lstrip(".-") or UNNAMED
    stem, dot, ending = plain.rpartition(".")
    ending = f"{dot}{ending}" if dot and len(ending.encode()) <= 10 else ""
    stem = plain[: len(plain) - len(ending)]
    while len((stem + ending).encode()) > LONGEST_ON_DISK:
        stem = stem[:-1]
    return stem + ending
