"""The calls as a Chinese call system would export them: one file per month, in GB18030, dirt included."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl

from coachline.engine.simulate.centre import SimulatedCentre
from coachline.engine.simulate.dirt import SCHEMA, Dirt, Spoilt, date_without_wrap

HEADERS = {
    "source": "来源系统",
    "call_id": "呼叫流水号",
    "channel": "接入渠道",
    "direction": "呼叫方向",
    "arrived_at": "呼入时间",
    "customer_id": "主叫号码",
    "level_1": "一级业务",
    "level_2": "二级业务",
    "level_3": "三级业务",
    "queue": "技能组",
    "agent_id": "坐席工号",
    "ivr_s": "IVR时长",
    "wait_s": "排队时长",
    "talk_s": "通话时长",
    "hold_s": "保持时长",
    "wrap_s": "话后处理时长",
    "outcome": "呼叫结果",
    "transferred": "是否转接",
    "ticketed": "是否派单",
    "resolved": "是否解决",
    "invited": "是否邀评",
    "rating": "满意度评价",
    "recording": "录音文件",
}
SYSTEM = "呼叫平台"
WORDS: dict[str, dict[str, str]] = {
    "channel": {"voice": "语音", "chat": "在线"},
    "direction": {"inbound": "呼入", "outbound": "呼出"},
    "outcome": {"answered": "接通", "abandoned": "放弃", "ivr_only": "自助", "ignored": "测试"},
}
RATINGS = {5: "非常满意", 4: "满意", 3: "一般", 2: "不满意", 1: "非常不满意"}
YES_NO = ("transferred", "ticketed", "resolved", "invited")
NULL_AS = {"customer_id": "-", "rating": "-", "ivr_s": "-"}
"""Columns in which this system writes a dash for nothing; in the others it leaves the cell empty."""
CHUNK = 250_000
"""Rows that are written at a time."""
ZONE_S = 8 * 3600

Changes = dict[str, str | None]
Record = tuple[str | int | None, ...]
"""A row of ``truth/dirt``."""


def write(centre: SimulatedCentre, dirt: Dirt, folder: Path) -> tuple[list[Path], pl.DataFrame]:
    """Write the calls.

    Parameters
    ----------
    centre : SimulatedCentre
    dirt : Dirt
    folder : Path

    Returns
    -------
    tuple
        The files, and ``truth/dirt``.
    """
    calls = centre.tables["calls"]
    seconds = calls["arrived_at"].cast("int64").to_numpy() // 1_000_000 + ZONE_S
    months = np.asarray(seconds.astype("datetime64[s]").astype("datetime64[M]"))
    edges = np.concatenate([[0], np.flatnonzero(months[1:] != months[:-1]) + 1, [len(months)]]).tolist()
    spoilt_at = np.array([s.row for s in dirt.rows], np.int64)
    files: list[Path] = []
    log: list[Record] = []
    for first, last in pairwise(edges):
        file = folder / f"话单_{str(months[first]).replace('-', '年')}月.csv"
        line = 0
        with file.open("wb") as out:
            for start in range(first, last, CHUNK):
                stop = min(start + CHUNK, last)
                text = _text(pl.DataFrame(calls.slice(start, stop - start)), _no_wrap(centre, dirt, seconds[start:stop]))
                here = dirt.rows[slice(*np.searchsorted(spoilt_at, [start, stop]))]
                text, records = _spoil(text, here, start, file.name, line)
                log += records
                line += text.height
                written = text.rename(HEADERS).write_csv(include_header=start == first, line_terminator="\r\n")
                out.write(written.encode("gb18030"))
        files.append(file)
    without_wrap = date_without_wrap(centre, dirt)
    if without_wrap is not None:
        count = int(_no_wrap(centre, dirt, seconds).sum())
        log.append((None, None, None, "day_without_wrap", "wrap_s", "", without_wrap, "doubtful", count))
    return files, pl.DataFrame(log, schema=SCHEMA, orient="row")


def _no_wrap(centre: SimulatedCentre, dirt: Dirt, seconds: np.ndarray) -> np.ndarray:
    if dirt.day_without_wrap is None:
        return np.zeros(len(seconds), bool)
    day = (np.datetime64(centre.size.start) - np.datetime64("1970-01-01")).astype(int) + dirt.day_without_wrap
    return np.asarray(seconds // 86_400 == day)


def _text(calls: pl.DataFrame, no_wrap: np.ndarray) -> pl.DataFrame:
    """Every column as the export writes it."""
    local = pl.from_epoch(pl.col("arrived_at").dt.epoch("s") + ZONE_S, "s")
    level = pl.col("business").str.split_exact("/", 2).struct
    talk = pl.col("talk_s").cast(pl.Int64)

    def two(number: pl.Expr) -> pl.Expr:
        return number.cast(pl.String).str.zfill(2)

    written: dict[str, pl.Expr] = {
        "source": pl.lit(SYSTEM),
        "call_id": pl.col("call_id"),
        **{name: pl.col(name).replace_strict(words, return_dtype=pl.String) for name, words in WORDS.items()},
        "arrived_at": pl.concat_str(
            local.dt.year(), pl.lit("/"), local.dt.month(), pl.lit("/"), local.dt.day(), pl.lit(" "), local.dt.hour(),
            pl.lit(":"), two(local.dt.minute()), pl.lit(":"), two(local.dt.second()),
        ),
        **{f"level_{n + 1}": level.field(f"field_{n}") for n in range(3)},
        **{name: pl.col(name) for name in ("customer_id", "queue", "agent_id", "recording")},
        **{name: pl.col(name).cast(pl.Int64).cast(pl.String) for name in ("ivr_s", "wait_s", "hold_s")},
        "talk_s": pl.concat_str(talk // 3600, pl.lit(":"), two(talk // 60 % 60), pl.lit(":"), two(talk % 60)),
        "wrap_s": pl.when(~pl.Series(no_wrap)).then(pl.col("wrap_s").cast(pl.Int64).cast(pl.String)),
        **{name: pl.when(pl.col(name)).then(pl.lit("是")).when(~pl.col(name)).then(pl.lit("否")) for name in YES_NO},
        "rating": pl.col("rating").replace_strict(RATINGS, return_dtype=pl.String),
    }  # fmt: skip
    text = calls.select(**{name: written[name] for name in HEADERS})
    return text.with_columns(pl.col(name).fill_null(word) for name, word in NULL_AS.items())


def _spoil(text: pl.DataFrame, spoilt: list[Spoilt], start: int, file: str, line: int) -> tuple[pl.DataFrame, list[Record]]:
    """`text` with the spoilt rows in it, and a record of each; `line` lines of the file are already written."""
    if not spoilt:
        return text, []
    changes = [_changes(text, s.row - start, s) for s in spoilt]
    extra = [n for n, s in enumerate(spoilt) if s.place != 0.0]
    inside = [n for n, s in enumerate(spoilt) if s.place == 0.0]
    copies = _overwritten(text[[spoilt[n].row - start for n in extra]], list(range(len(extra))), [changes[n] for n in extra])
    spoilt_text = _overwritten(text, [spoilt[n].row - start for n in inside], [changes[n] for n in inside])
    key = np.concatenate([np.arange(text.height), [spoilt[n].row - start + spoilt[n].place for n in extra]])
    order = np.argsort(key, kind="stable")
    key = key[order]
    records: list[Record] = []
    for s, changed in zip(spoilt, changes, strict=True):
        row = s.row - start
        column = next((name for name in changed if name.startswith("level_")), s.column)
        true = text[column][row]
        place = line + int(np.searchsorted(key, row + s.place)) + 1
        call_id = changed.get("call_id", text["call_id"][row])
        records.append((file, place, call_id, s.kind, s.column, changed.get(column, true), true, s.consequence, 1))
    return pl.concat([spoilt_text, copies])[order], records


def _overwritten(text: pl.DataFrame, rows: list[int], changes: list[Changes]) -> pl.DataFrame:
    columns = []
    for name in sorted({name for changed in changes for name in changed}):
        cells = [(row, changed[name]) for row, changed in zip(rows, changes, strict=True) if name in changed]
        columns.append(text[name].clone().scatter([row for row, _ in cells], pl.Series([value for _, value in cells], dtype=pl.String)))
    return text.with_columns(columns)


def _changes(text: pl.DataFrame, row: int, spoilt: Spoilt) -> Changes:
    """What is written instead, column by column of the export."""
    if spoilt.kind == "copied":
        return {}
    if spoilt.kind == "corrected":
        return {"resolved": "否" if text["resolved"][row] == "是" else "是"}
    column = spoilt.column
    if column == "business":
        column = next(name for name in ("level_3", "level_2", "level_1") if text[name][row] is not None)
    changed: Changes = {column: spoilt.written or None}
    if spoilt.consequence == "rejected" and column != "call_id":
        # A copy with a number of its own: were it accepted, it would be noticed as one call too many.
        changed["call_id"] = f"{text['call_id'][row]}9"
    return changed
