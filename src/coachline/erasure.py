"""Removes a customer for good: calls, transcripts and free text about them, and every file that still held them."""

from __future__ import annotations

import csv
import shutil
from collections.abc import Iterable
from pathlib import Path

from coachline.engine.facts import Facts
from coachline.engine.lake import Lake
from coachline.errors import CoachlineError

AT_ONCE = 500
"""Keys per predicate: a customer rarely has more calls."""


def erase_customer(pseudonym: str, lake: Lake, facts: Facts, *, rejects: Path, uploads: Path) -> dict[str, int]:
    """Erase one customer, known by their pseudonym.

    Calls and transcripts are deleted, free text in inspections of these calls is blanked (the score stays the agent's), rejected
    rows are removed. Files that wait below `uploads` to be loaded hold numbers as they were exported, where nobody can look a pseudonym up: all of them
    are deleted, lest loading one bring the customer back. Then the tables are vacuumed: earlier versions that held the customer can no longer be read. An erasure that was
    interrupted is completed by asking for it again, since the calls, by which all else is found, go last.

    Returns
    -------
    dict of str to int
        Rows deleted or blanked per table, ``rejects``, and ``uploads``: files that waited.

    Raises
    ------
    CoachlineError
        ``lake_busy``, ``cannot_write``.
    """
    what = {"erased": "customer"}
    with lake.writing():
        waiting = _without_uploads(uploads)
        calls = facts.table("calls")
        found = facts.collect(calls.filter(calls.customer_id == pseudonym).select("call_id"))["call_id"].to_pylist()
        inspections = facts.table("inspections")
        inspected = facts.collect(inspections.filter(inspections.call_id.isin(found)).select("inspection_id")) if found else None
        erased = dict.fromkeys(("calls", "transcripts", "inspections", "inspection_items"), 0)
        for keys in _in_parts(found):
            erased["transcripts"] += lake.delete("transcripts", f"call_id IN ({keys})", what)
            erased["inspections"] += lake.blank(
                "inspections", ("customer_problem", "repeat_reason", "remedy"), f"call_id IN ({keys})", what
            )
        for keys in _in_parts(inspected["inspection_id"].to_pylist() if inspected is not None else ()):
            erased["inspection_items"] += lake.blank("inspection_items", ("comment",), f"inspection_id IN ({keys})", what)
        erased["rejects"], erased["uploads"] = _from_rejects(rejects, pseudonym), waiting
        erased["calls"] = lake.delete("calls", f"customer_id = '{pseudonym}'", what)
        for table in ("calls", "transcripts", "inspections", "inspection_items"):
            lake.vacuum(table)
    return erased


def _in_parts(keys: Iterable[str]) -> Iterable[str]:
    quoted = ["'" + key.replace("'", "''") + "'" for key in keys]
    return [", ".join(quoted[i : i + AT_ONCE]) for i in range(0, len(quoted), AT_ONCE)]


def _from_rejects(folder: Path, pseudonym: str) -> int:
    """Rejected rows hold customers by the same pseudonym; those of this one are taken out of their files."""
    removed = 0
    for file in sorted(folder.glob("*.csv")):
        with file.open(encoding="utf-8-sig", newline="") as source:
            rows = list(csv.reader(source))
        kept = [row for row in rows if pseudonym not in row]
        if len(kept) < len(rows):
            removed += len(rows) - len(kept)
            fresh = file.with_suffix(".tmp")
            with fresh.open("w", encoding="utf-8-sig", newline="") as target:
                csv.writer(target).writerows(kept)
            fresh.replace(file)
    return removed


def _without_uploads(folder: Path) -> int:
    """Each upload has a folder of its own, or is a file that is just being received."""
    removed = 0
    for upload in sorted(folder.glob("*")):
        try:
            if upload.is_dir():
                shutil.rmtree(upload)
            else:
                upload.unlink(missing_ok=True)
        except FileNotFoundError:
            # Its load has ended at this moment, and has removed it.
            continue
        except OSError as error:
            raise CoachlineError("cannot_write", file=str(upload), reason=error.strerror or str(error)) from None
        removed += 1
    return removed
