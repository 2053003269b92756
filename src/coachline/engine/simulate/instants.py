"""From seconds of the simulation to the instants of the lake."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

ZONE = ZoneInfo("Asia/Shanghai")
"""The zone of the simulated centre: UTC+8 without summer time in all years that can be simulated."""


def instants(start: date, seconds: np.ndarray) -> pa.Array:
    """Seconds since local midnight of `start` as UTC timestamps; NaN becomes null."""
    seconds = np.asarray(seconds, np.float64)
    midnight = datetime(start.year, start.month, start.day, tzinfo=ZONE).timestamp()
    unknown = np.isnan(seconds)
    micros = (np.where(unknown, 0.0, np.round(seconds)) + midnight).astype(np.int64) * 1_000_000
    return pa.array(micros, pa.int64(), mask=unknown).cast(pa.timestamp("us", tz="UTC"))
