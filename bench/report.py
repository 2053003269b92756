"""Memory and time of a whole report, each in a process of its own, on two sizes of the same centre."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench import sample
from bench.measure import Line

GOAL_GB = 2.0
KIB_PER_GB = 1024 * 1024
PROGRAM = "import sys, coachline; coachline.open(sys.argv[1]).report(sys.argv[2], language='zh')"


def measure(rows: int) -> list[Line]:
    """Reports on `rows` calls and on a tenth of them."""
    small_s, _ = report(sample.centre(rows // 10))
    large_s, large_gb = report(sample.centre(rows))
    return [
        Line(f"report on {rows:,} calls", large_s, "s"),
        Line(f"report on {rows:,} calls, peak memory", large_gb, "GB", GOAL_GB),
        Line("report, time for ten times the rows", large_s / small_s, "x", 10),
    ]


def report(folder: Path) -> tuple[float, float]:
    """Seconds and the largest resident size in GB of the process that writes the report."""
    with tempfile.TemporaryDirectory(dir=sample.DATA) as scratch:
        began = time.perf_counter()
        process = subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder), f"{scratch}/report.html"])
        _, status, used = os.wait4(process.pid, 0)
        took = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, "the report failed"
    return took, used.ru_maxrss / KIB_PER_GB
