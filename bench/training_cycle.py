"""Half-lives of training by method, found again in simulated centres that train whoever was low."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from bench.measure import Line
from coachline.engine.analyses import run
from coachline.engine.compute import DuckDBCompute
from coachline.engine.facts import Facts, Snapshot
from coachline.engine.simulate import CentreSize, simulate_centre
from coachline.engine.simulate.training import METHODS
from coachline.engine.tables import TABLES

PAGES = Path(__file__).parents[1] / "docs"
SIZE = CentreSize(agents=120, businesses=16, days=400, calls=700_000)
SEEDS = 12

WORDS: Mapping[str, Mapping[str, str]] = {
    "title": {"zh": "培训周期：半衰期能否找回", "en": "Training cycle: are half-lives found again?"},
    "written": {
        "zh": "由 `python -m bench.run --only training_cycle` 写成。{seeds} 个模拟中心，每个 {agents} 人、{businesses} 项业务、{days} 天、{calls:,} 通电话；每四周按原始得分把最差的人送去培训，"
        "人还各有升降，新人在学习。表中为各方式半衰期的真值、估计的中位数、90% 区间覆盖真值的次数，以及结论为“看不出收获”的次数（练习对问题解决的真实作用为零）。",
        "en": "Written by `python -m bench.run --only training_cycle`. {seeds} simulated centres of {agents} people, {businesses} businesses, {days} days and {calls:,} calls; every four weeks the worst by raw "
        "score are trained, people rise and fall by themselves, newcomers learn. The table has the true half-life of each method, the median estimate, how often the 90 % interval holds the truth, and how often the "
        "verdict is “no gain seen” (drill in truth does nothing for resolution).",
    },
    "head": {
        "zh": "| 方式 | 真实作用（logit） | 真实半衰期 | 估计（中位数） | 区间覆盖 | 看不出收获 |",
        "en": "| method | true effect (logits) | true half-life | estimate (median) | intervals that hold it | no gain seen |",
    },
}


def methods(seed: int) -> pl.DataFrame:
    """The table of methods of one simulated centre."""
    centre = simulate_centre(SIZE, seed=seed)
    with tempfile.TemporaryDirectory() as folder:
        snapshots = {}
        for name in ("calls", "trainings"):
            file = Path(folder) / f"{name}.parquet"
            pq.write_table(_stored(name, centre.tables[name]), file)
            snapshots[name] = Snapshot(0, [str(file)], centre.tables[name].num_rows)
        compute = DuckDBCompute()
        found = run("training.cycle", Facts(compute, snapshots, ZoneInfo("Asia/Shanghai")), {}).polars("methods")
        compute.close()
    return found


def _stored(name: str, table: pa.Table) -> pa.Table:
    """`table` with all columns that the lake has."""
    schema = TABLES[name].schema
    columns = [table[f.name].cast(f.type) if f.name in table.schema.names else pa.nulls(table.num_rows, f.type) for f in schema]
    return pa.table(columns, schema=schema)


def measure(*, quick: bool) -> list[Line]:
    """Coverage over seeds; the page is written unless `quick`."""
    seeds = 2 if quick else SEEDS
    found = pl.concat([methods(seed).with_columns(seed=pl.lit(seed)) for seed in range(1, seeds + 1)])
    truth = {name: how.half_life_days for name, how in METHODS.items()}
    rows = found.with_columns(truth=pl.col("method").replace_strict(truth, return_dtype=pl.Float64))
    rows = rows.with_columns(held=(pl.col("low") <= pl.col("truth")) & (pl.col("truth") <= pl.col("high")))
    if not quick:
        for language in ("zh", "en"):
            (PAGES / f"bench-training-cycle.{language}.md").write_text(page(rows, seeds, language), encoding="utf-8")
    gaining = rows.filter(pl.col("method") != "drill")
    known = gaining.drop_nulls("half_life_days")
    off = np.log(known["half_life_days"].to_numpy() / known["truth"].to_numpy())
    return [
        Line(
            f"cycle: 90 % intervals of half-lives by method that miss the truth, of {known.height}",
            1.0 - float(np.mean(known["held"].to_list())),
            "",
            0.25,
        ),
        Line("cycle: mean error of the logarithm of half-lives, absolute", abs(float(off.mean())), "", 0.25),
    ]


def page(rows: pl.DataFrame, seeds: int, language: str) -> str:
    words = {code: each[language] for code, each in WORDS.items()}
    lines = []
    for name, how in METHODS.items():
        own = rows.filter(method=name)
        known = own.drop_nulls("half_life_days")
        if how.resolved and known.height:
            figures = f"{how.half_life_days:.0f} | {float(np.median(known['half_life_days'].to_numpy())):.0f} | {int(known['held'].sum())} / {known.height}"
        else:
            figures = "- | - | -"
        lines.append(f"| {name} | {how.resolved:.2f} | {figures} | {own.filter(verdict='no_gain').height} / {own.height} |")
    sizes = {"agents": SIZE.agents, "businesses": SIZE.businesses, "days": SIZE.days, "calls": SIZE.calls}
    return (
        "\n\n".join(
            [
                f"# {words['title']}",
                words["written"].format(seeds=seeds, **sizes),
                "\n".join([words["head"], "|---|---|---|---|---|---|", *lines]),
            ]
        )
        + "\n"
    )
