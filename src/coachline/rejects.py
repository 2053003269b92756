"""Writes rejected rows where their owner finds them: the raw row, its number in the file, and every reason in words."""

from __future__ import annotations

import csv
import re
from datetime import datetime
from pathlib import Path

from coachline.engine.sources.importing import Load
from coachline.engine.tables import TABLES
from coachline.errors import CoachlineError
from coachline.wording import Wording

FORMULA = re.compile(r"^[=+\-@\t\r](?![\d.]*$)")
"""A cell that a spreadsheet would run. The apostrophe that stops it is dropped again when the file is loaded."""

ROWS_AT_ONCE = 10_000

LONG_NUMBER = re.compile(r"\d{7,}")
"""Telephone and identity numbers in lines that could not be cut into cells."""


def write_rejects(load: Load, folder: Path, say: Wording) -> Path:
    """One csv per load: row number, reasons, then the cells under their own headers. Mended rows can be imported from it as they are.

    Raises
    ------
    CoachlineError
        ``cannot_write``.
    """
    target = folder / f"{Path(load.file).stem}-{datetime.now().astimezone():%Y%m%d-%H%M%S-%f}.csv"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with target.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow([say("rejects.row"), say("rejects.reason"), *load.headers])
            for batch in load.rejects.to_batches(ROWS_AT_ONCE) if load.rejects is not None else ():
                for row in batch.to_pylist():
                    cells = [_harmless(row[f"c{i}"]) for i in range(len(load.headers))]
                    writer.writerow(
                        [row["row"], say("rejects.between").join(reason(load.table, fault, say) for fault in row["faults"]), *cells]
                    )
            for line in load.malformed:
                masked = LONG_NUMBER.sub(lambda digits: "*" * len(digits.group()), line.text)
                writer.writerow([line.line, say(f"fault.{line.fault}"), _harmless(masked)])
    except OSError as error:
        raise CoachlineError("cannot_write", file=str(target), reason=error.strerror or str(error)) from None
    return target


def reason(table: str, fault: str, say: Wording) -> str:
    """One fault of a row of `table` in words: ``outside:rating`` -> which column, which limits."""
    kind, _, about = fault.partition(":")
    if kind == "rule":
        return say(f"rule.{about}")
    if not about:
        return say(f"fault.{kind}")
    column = TABLES[table].column(about)
    limits = column.limits
    bounds = (
        "" if limits is None else f"{'' if limits.low is None else f'{limits.low:g}'} … {'' if limits.high is None else f'{limits.high:g}'}"
    )
    return say(f"fault.{kind}", column=column.zh if say.language == "zh" else column.en, name=about, bounds=bounds)


def _harmless(cell: str | None) -> str:
    text = cell or ""
    return f"'{text}" if FORMULA.match(text) else text
