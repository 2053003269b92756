"""The beginning of a large file as a file of its own, so that a look at it takes no longer than at a small one.

What a reader of whole files makes of such a beginning is what it would make of the first rows of the file.
"""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

from coachline.engine.sources.workbook import refuse_bomb

ZIP, OLE, PARQUET = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PAR1"

LOOKED_AT = 4 << 20
"""Bytes: thousands of rows as exports write them."""

SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
PICTURES = re.compile(r"xl/(media|drawings|charts)/")
END_OF_ROW = re.compile(rb"</((?:\w+:)?)row>")


def beginning(path: Path, scratch: Path) -> Path:
    """A file in `scratch` with the first rows of `path`, or `path` itself if a part of it is no quicker to read.

    Text ends after a whole line, each sheet of a workbook after a whole row. Parquet is read by parts as it is, and the older kinds of workbook are
    small.

    Raises
    ------
    CoachlineError
        ``zip_bomb``, ``workbook_damaged``.
    """
    with path.open("rb") as file:
        head = file.read(LOOKED_AT + 1)
    if head.startswith((OLE, PARQUET)):
        return path
    # In a folder of its own: readers put copies of theirs into `scratch`.
    (scratch / "beginning").mkdir()
    target = scratch / "beginning" / path.name
    if head.startswith(ZIP):
        return target if _short_workbook(path, target) else path
    if len(head) <= LOOKED_AT:
        return path
    target.write_bytes(_whole_lines(head[:LOOKED_AT]))
    return target


def _whole_lines(head: bytes) -> bytes:
    """`head` up to its last line end. In UTF-16 a line end is two bytes, at an even place."""
    if b"\0" not in head:
        return head[: max(head.rfind(b"\n"), head.rfind(b"\r")) + 1] or head
    ends = []
    for mark in (b"\n\0", b"\0\n", b"\r\0", b"\0\r"):
        place = head.rfind(mark)
        while place > 0 and place % 2 == 1:
            place = head.rfind(mark, 0, place + 1)
        ends.append(place + 2 if place >= 0 else 0)
    return head[: max(ends)] or head


def _short_workbook(path: Path, target: Path) -> bool:
    """Write a copy of an xlsx whose long sheets end early; False if it has none, or is no such workbook."""
    refuse_bomb(path)
    try:
        with zipfile.ZipFile(path) as book:
            if not any(SHEET.fullmatch(member.filename) and member.file_size > LOOKED_AT for member in book.infolist()):
                return False
            with zipfile.ZipFile(target, "w") as short:
                for member in book.infolist():
                    if PICTURES.match(member.filename):
                        continue
                    with book.open(member) as content, short.open(member.filename, "w") as copy:
                        if SHEET.fullmatch(member.filename) and member.file_size > LOOKED_AT:
                            copy.write(_whole_rows(content.read(LOOKED_AT)))
                        else:
                            shutil.copyfileobj(content, copy)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError):
        # Damaged or protected: whoever reads it says so.
        return False
    return True


def _whole_rows(sheet: bytes) -> bytes:
    """The beginning of a sheet up to its last whole row, its open elements closed."""
    ends = list(END_OF_ROW.finditer(sheet))
    if not ends:
        return sheet
    prefix = ends[-1][1]
    return sheet[: ends[-1].end()] + b"</" + prefix + b"sheetData></" + prefix + b"worksheet>"
