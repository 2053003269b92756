"""Writes a simulated centre as its systems would export it, and the hidden truth beside it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import xlsxwriter

from coachline.engine.simulate import call_export, dirt
from coachline.engine.simulate.centre import SimulatedCentre
from coachline.engine.tables import TABLES

ZONE = "Asia/Shanghai"
EXPORTS, TRUTH = "exports", "truth"

FLAGS = {True: "是", False: "否"}
ACTIVITY = {"work": "上班", "break": "用餐", "training": "培训", "leave": "休假", "meeting": "班会"}
PURPOSE = {"score": "考核", "coach": "辅导", "calibration": "校准", "audit": "复检"}
METHOD = {"class": "课堂", "coaching": "一对一辅导", "mentor": "师带徒", "drill": "话术演练", "recording": "录音分析"}
ARM = {"trained": "先训", "waiting": "候训"}
SPEAKER = {"agent": "坐席", "customer": "客户", "system": "系统"}
ANOTHER_HEADER = {
    "agents": {"team": "班组名称", "tags": "人员标签"},
    "inspections": {"call_id": "录音流水号", "agent_id": "被检工号", "inspector_id": "质检员", "score": "总分"},
    "trainings": {"hours": "学时", "method": "培训方式", "started_at": "培训开始时间"},
    "shifts": {"activity": "班次类型"},
}
"""Headers that differ from the first label of the contract: synonyms that systems use."""


def write_exports(centre: SimulatedCentre, folder: Path) -> list[Path]:
    """Write ``exports/`` and ``truth/`` below `folder`.

    Parameters
    ----------
    centre : SimulatedCentre
    folder : Path
        Made where it does not exist; files of the same name are overwritten.

    Returns
    -------
    list of Path
        The files of ``exports/``, in the order in which they are best imported. ``truth/dirt.parquet`` names every spoilt row.
    """
    exports, truth = Path(folder) / EXPORTS, Path(folder) / TRUTH
    exports.mkdir(parents=True, exist_ok=True)
    truth.mkdir(parents=True, exist_ok=True)
    files = [_agents(centre, exports), _businesses(centre, exports)]
    calls, spoilt = call_export.write(centre, dirt.draw(centre), exports)
    files += calls
    files += _shifts(centre, exports)
    files += [
        _csv(_named(centre, "inspections", purpose=PURPOSE), exports / "质检结果.csv", "utf-8-sig"),
        _csv(_named(centre, "inspection_items"), exports / "质检明细.csv", "utf-8-sig"),
        _csv(_named(centre, "trainings", method=METHOD), exports / "培训记录.csv", "gb18030"),
        *_enrolments(centre, exports),
        _parquet(centre, "exams", exports / "考试成绩.parquet"),
        _parquet(centre, "transcripts", exports / "录音转写.parquet"),
        *_wishes(centre, exports),
        _mystery_calls(centre, exports / "mystery_calls.tsv"),
        _xlsx(_named(centre, "survey_answers"), exports / "员工问卷.xlsx"),
    ]
    for name, table in (centre.truth | {"dirt": spoilt.to_arrow()}).items():
        pq.write_table(table, truth / f"{name}.parquet")
    return files


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame


def _written(frame: pl.DataFrame, **words: dict[str, str]) -> pl.DataFrame:
    """Times, flags and codes as people write them; the columns `words` name are translated."""
    changed = []
    for name, kind in frame.schema.items():
        column = pl.col(name)
        if isinstance(kind, pl.Datetime):
            changed.append(column.dt.convert_time_zone(ZONE).dt.strftime("%Y/%-m/%-d %-H:%M:%S"))
        elif isinstance(kind, pl.Date):
            changed.append(column.dt.strftime("%Y/%-m/%-d"))
        elif kind == pl.Boolean:
            changed.append(column.replace_strict(FLAGS, return_dtype=pl.String))
        elif name in words:
            changed.append(column.replace_strict(words[name], return_dtype=pl.String))
    return frame.with_columns(changed)


def _headers(name: str) -> dict[str, str]:
    return {c.name: ANOTHER_HEADER.get(name, {}).get(c.name, c.zh) for c in TABLES[name].columns}


def _named(centre: SimulatedCentre, name: str, **words: dict[str, str]) -> pl.DataFrame:
    frame = _written(_frame(centre.tables[name]), **words)
    return frame.rename({column: header for column, header in _headers(name).items() if column in frame.columns})


def _csv(frame: pl.DataFrame, file: Path, encoding: str) -> Path:
    file.write_bytes(frame.write_csv(line_terminator="\r\n").encode(encoding))
    return file


def _parquet(centre: SimulatedCentre, name: str, file: Path) -> Path:
    pq.write_table(centre.tables[name].rename_columns([TABLES[name].column(c).zh for c in centre.tables[name].column_names]), file)
    return file


def _mystery_calls(centre: SimulatedCentre, file: Path) -> Path:
    """With English headers, as the group's own tool writes them."""
    frame = _written(_frame(centre.tables["mystery_calls"]))
    frame = frame.rename({name: TABLES["mystery_calls"].column(name).en for name in frame.columns})
    frame.write_csv(file, separator="\t")
    return file


def _agents(centre: SimulatedCentre, folder: Path) -> Path:
    """A workbook with a title line above the header."""
    table = centre.tables["agents"]
    tags = [";".join(f"{k}={v}" for k, v in pairs) for pairs in table["tags"].to_pylist()]
    frame = _written(_frame(table.drop_columns(["tags"])).with_columns(tags=pl.Series(tags, dtype=pl.String))).rename(_headers("agents"))
    return _xlsx(frame, folder / "人员信息.xlsx", title=f"客服人员信息表({centre.size.day(centre.size.days - 1):%Y年%m月%d日})")


def _businesses(centre: SimulatedCentre, folder: Path) -> Path:
    """A workbook with the tree in three level columns."""
    table = centre.tables["businesses"]
    goals = [None if pairs is None else ";".join(f"{k}={v}" for k, v in pairs) for pairs in table["standard"].to_pylist()]
    level = pl.col("business").str.split_exact("/", 2).struct
    frame = _frame(table.drop_columns(["standard"])).select(
        level.field("field_0").alias("一级业务"),
        level.field("field_1").alias("二级业务"),
        level.field("field_2").alias("三级业务"),
        pl.col("title").alias("业务名称"),
        pl.Series("达标标准", goals, pl.String),
        pl.col("minutes_to_train").cast(pl.Int64).alias("培训时长(分钟)"),
    )
    return _xlsx(frame, folder / "业务目录.xlsx")


def _enrolments(centre: SimulatedCentre, folder: Path) -> list[Path]:
    """No file where no lot was drawn: a list without rows is not exported."""
    if not centre.tables["enrolments"].num_rows:
        return []
    return [_csv(_named(centre, "enrolments", arm=ARM), folder / "候训名单.csv", "utf-8-sig")]


def _wishes(centre: SimulatedCentre, folder: Path) -> list[Path]:
    """No file where nobody wishes anything."""
    if not centre.tables["wishes"].num_rows:
        return []
    return [_csv(_named(centre, "wishes"), folder / "排班意愿.csv", "utf-8-sig")]


def _shifts(centre: SimulatedCentre, folder: Path) -> list[Path]:
    """One workbook per month, so that no sheet overflows."""
    shifts = _frame(centre.tables["shifts"])
    # The night before the first day goes with the first month.
    month = pl.max_horizontal(pl.col("starts_at").dt.convert_time_zone(ZONE).dt.date(), pl.lit(centre.size.start)).dt.strftime("%Y年%m月")
    files = []
    for (label,), rows in shifts.with_columns(month=month).partition_by("month", as_dict=True, maintain_order=True).items():
        frame = _written(rows.drop("month"), activity=ACTIVITY).rename(_headers("shifts"))
        files.append(_xlsx(frame, folder / f"排班_{label}.xlsx"))
    return files


def _xlsx(frame: pl.DataFrame, file: Path, title: str | None = None) -> Path:
    """One sheet of text and numbers, the way systems export them; empty cells stay empty."""
    # Constant memory flushes row by row, which suits rows that come in order.
    with xlsxwriter.Workbook(str(file), {"constant_memory": True, "strings_to_urls": False}) as book:
        sheet = book.add_worksheet("Sheet1")
        if title is not None:
            sheet.write_string(0, 0, title)
        top = 0 if title is None else 1
        for row, values in enumerate([tuple(frame.columns), *frame.iter_rows()], start=top):
            for column, value in enumerate(values):
                if isinstance(value, str):
                    sheet.write_string(row, column, value)
                elif value is not None:
                    sheet.write_number(row, column, value)
    return file
