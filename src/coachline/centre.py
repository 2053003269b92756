"""A centre: the folder with its settings, its lake and what was rejected, and everything that can be done with it from Python."""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import ibis.expr.types as ir

from coachline.engine import analyses
from coachline.engine.analyses.analysis import SINCE, UNTIL
from coachline.engine.compute import Compute, DuckDBCompute, SparkCompute
from coachline.engine.facts import Facts
from coachline.engine.lake import Lake
from coachline.engine.result import Result
from coachline.engine.sources.importing import Load, Progress, import_file
from coachline.engine.sources.mapping import Mapping as MapFile
from coachline.engine.sources.preview import Preview
from coachline.engine.sources.previewing import preview_file
from coachline.engine.sources.pseudonym import Pseudonymiser
from coachline.engine.tables import TABLES
from coachline.erasure import erase_customer
from coachline.errors import CoachlineError
from coachline.rejects import write_rejects
from coachline.report.excerpt import Excerpt, excerpt
from coachline.report.writer import ReportFiles, write_report
from coachline.wording import Wording

SETTINGS_FILE = "centre.toml"
KEY_FILE = ".customer-key"
KEY_VARIABLE = "COACHLINE_CUSTOMER_KEY"
ENGINE_VARIABLE = "COACHLINE_ENGINE"

MOST_VIEWS = 4
"""Views of single centres that are kept at once, each with what analyses have worked out on it."""

NEW_SETTINGS = """\
# 中心设置 / settings of this centre
[centre]
name = {name}
zone = "Asia/Shanghai"            # 时区 / time zone of wall clocks in files and figures

[privacy]
# 客户号码只存加密摘要。密钥取自环境变量 COACHLINE_CUSTOMER_KEY,没有时取本文件夹的 .customer-key。
# Customers' numbers are stored as keyed hashes. The key comes from COACHLINE_CUSTOMER_KEY, else from .customer-key beside this file.
key_check = "{check}"

[engine]
kind = "duckdb"                   # duckdb | spark (COACHLINE_ENGINE 优先 / wins)
memory = "1GB"                    # 超出后使用临时磁盘 / beyond it, temporary disk is used
# master = "spark://host:7077"    # Spark 集群;或环境变量 SPARK_REMOTE

# 分析参数的默认值 / default parameters of analyses, e.g.
# [parameters."operations.daily"]   # 一项分析 / one analysis
# answer_within = 15
# [parameters.capability]           # 一个领域的全部分析 / all analyses of a domain that have the parameter
# satisfied_from = 5
# weights = {{ resolved = 0.5, satisfied = 0.3, passed = 0.2 }}
"""


@dataclass(frozen=True)
class Settings:
    """What ``centre.toml`` says."""

    name: str
    zone: ZoneInfo
    key_check: str | None = None
    engine: str = "duckdb"
    memory: str = "1GB"
    master: str | None = None
    parameters: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @classmethod
    def read(cls, file: Path) -> Settings:
        """Read and check a settings file.

        Raises
        ------
        CoachlineError
            ``not_a_centre``, ``settings_unreadable``, ``settings_bad_entry``.

        Notes
        -----
        Whether a default is of the right kind is seen when an analysis that takes it is run.
        """
        try:
            content = tomllib.loads(file.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            raise CoachlineError("not_a_centre", folder=str(file.parent)) from None
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CoachlineError("settings_unreadable", file=str(file), reason=str(error)) from None
        centre, engine = content.get("centre", {}), content.get("engine", {})
        zone = str(centre.get("zone", "Asia/Shanghai"))
        try:
            zone_info = ZoneInfo(zone)
        except (ZoneInfoNotFoundError, ValueError):
            raise CoachlineError("settings_bad_entry", file=str(file), entry="centre.zone", value=zone, accepted="Asia/Shanghai") from None
        kind = os.environ.get(ENGINE_VARIABLE) or engine.get("kind", "duckdb")
        if kind not in ("duckdb", "spark"):
            raise CoachlineError("settings_bad_entry", file=str(file), entry="engine.kind", value=kind, accepted="duckdb | spark")
        parameters = content.get("parameters", {})
        for entry, value, accepted in _wrong_parameters(parameters):
            raise CoachlineError("settings_bad_entry", file=str(file), entry=entry, value=value, accepted=accepted)
        return cls(
            name=str(centre.get("name", file.parent.name)),
            zone=zone_info,
            key_check=content.get("privacy", {}).get("key_check"),
            engine=kind,
            memory=str(engine.get("memory", "1GB")),
            master=engine.get("master"),
            parameters=parameters,
        )

    def defaults(self, name: str) -> dict[str, Any]:
        """What this centre sets for analysis `name`: the analysis's own table wins over that of its domain."""
        own = self.parameters.get(name, {})
        if name not in analyses.ANALYSES:
            return dict(own)
        analysis = analyses.ANALYSES[name]
        shared = self.parameters.get(analysis.domain, {})
        return {p.name: shared[p.name] for p in analysis.parameters if p.name in shared} | dict(own)


def _wrong_parameters(parameters: Any) -> Iterator[tuple[str, Any, str]]:
    """Entries below ``[parameters]`` that no analysis could ever read: where each stands, what stands there, what would be accepted."""
    if not isinstance(parameters, Mapping):
        yield "parameters", parameters, '[parameters."operations.daily"]'
        return
    domains: dict[str, dict[str, None]] = {}
    for analysis in analyses.ANALYSES.values():
        domains.setdefault(analysis.domain, {}).update((p.name, None) for p in analysis.parameters)
    for name, table in parameters.items():
        if name not in analyses.ANALYSES and name not in domains:
            yield "parameters", name, ", ".join([*domains, *analyses.ANALYSES])
        elif not isinstance(table, Mapping):
            yield f"parameters.{name}", table, f'[parameters."{name}"]'
        elif name in domains:
            for key in table:
                if f"{name}.{key}" in analyses.ANALYSES:
                    # Without quotes TOML takes the dot for a table within a table.
                    yield f"parameters.{name}", key, f'[parameters."{name}.{key}"]'
                elif key not in domains[name]:
                    yield f"parameters.{name}", key, ", ".join(domains[name]) or "-"


class Centre:
    """An open centre. Threads may share it, and the facts that it gives: each asks the engine over a connection of its own.

    Parameters
    ----------
    folder : path
        As made by `Centre.create` or ``coachline new``.

    Examples
    --------
    >>> import coachline
    >>> c = coachline.open("folder")                       # doctest: +SKIP
    >>> c.import_file("calls.csv").accepted                # doctest: +SKIP
    >>> c.run("operations.daily", since="2026-03-01").polars()  # doctest: +SKIP
    """

    def __init__(self, folder: Path | str) -> None:
        self.folder = Path(folder)
        self.settings = Settings.read(self.folder / SETTINGS_FILE)
        self.lake = Lake(self.folder / "lake")
        self._compute: Compute | None = None
        self._facts: Facts | None = None
        self._views: dict[str, Facts] = {}
        self._opening = threading.Lock()

    @classmethod
    def create(cls, folder: Path | str, name: str | None = None, beside: Collection[str] = ()) -> Centre:
        """Make an empty centre in a folder that is empty, or holds nothing but the entries named `beside`.

        Raises
        ------
        CoachlineError
            ``centre_exists``, ``folder_not_empty``, ``no_permission``.
        """
        folder = Path(folder)
        if (folder / SETTINGS_FILE).exists():
            raise CoachlineError("centre_exists", folder=str(folder))
        if folder.exists() and (not folder.is_dir() or any(entry.name not in beside for entry in folder.iterdir())):
            raise CoachlineError("folder_not_empty", folder=str(folder))
        try:
            for part in ("lake", "reports", "rejects"):
                (folder / part).mkdir(parents=True, exist_ok=True)
            if not os.environ.get(KEY_VARIABLE):
                key_file = folder / KEY_FILE
                key_file.touch(mode=0o600)
                key_file.write_text(secrets.token_hex(32) + "\n", encoding="ascii")
            quoted = '"' + (name or folder.resolve().name).replace("\\", "\\\\").replace('"', '\\"') + '"'
            settings = NEW_SETTINGS.format(name=quoted, check=_key_check(_key(folder)))
            (folder / SETTINGS_FILE).write_text(settings, encoding="utf-8")
        except OSError as error:
            raise CoachlineError("cannot_write", file=str(folder), reason=error.strerror or str(error)) from None
        return cls(folder)

    @property
    def pseudonymiser(self) -> Pseudonymiser:
        """Hashes customers' numbers under this centre's key.

        Raises
        ------
        CoachlineError
            ``no_customer_key``; ``wrong_customer_key``, since under another key the same customer would look like a new one.
        """
        key = _key(self.folder)
        if self.settings.key_check and _key_check(key) != self.settings.key_check:
            raise CoachlineError("wrong_customer_key", variable=KEY_VARIABLE, file=str(self.folder / KEY_FILE))
        return Pseudonymiser(key)

    def import_file(
        self,
        path: Path | str,
        table: str | None = None,
        mapping: MapFile | Mapping[str, Any] | Path | str | None = None,
        *,
        source: str | None = None,
        dry_run: bool = False,
        replace_other_events: bool = False,
        progress: Progress = lambda step: None,
        rejects: Path | str | None = None,
        language: str | None = None,
    ) -> Load:
        """Load a file, or with `dry_run` check all of it; see `coachline.engine.sources.importing.import_file`.

        Parameters
        ----------
        path : path
            csv, tsv, xlsx, xls, parquet.
        table : str, optional
            Fact table; without it, it is told from the headers.
        mapping : path or dict, optional
            Map file, or its content.
        source : str, optional
            Name of the feed. Two call systems that number their calls alike need two names.
        rejects : path, optional
            Folder for the rejected rows. Without it they go to ``rejects/`` of the centre, and those of a dry run are not written.
        language : str, optional
            In which their reasons are given.

        Returns
        -------
        Load
            What became of the file; ``rejects_file`` names where rejected rows were written, with every reason.
        """
        map_file = MapFile.of(mapping)
        if source:
            map_file = (map_file or MapFile()).with_source(source)
        load = import_file(
            Path(path),
            self.lake,
            zone=self.settings.zone.key,
            pseudonymiser=self.pseudonymiser,
            table=table,
            mapping=map_file,
            memory=self.settings.memory,
            dry_run=dry_run,
            replace_other_events=replace_other_events,
            progress=progress,
        )
        if not load.rejected or (dry_run and rejects is None):
            return load
        return replace(load, rejects_file=write_rejects(load, Path(rejects or self.folder / "rejects"), Wording(language)))

    def preview_file(
        self, path: Path | str, table: str | None = None, mapping: MapFile | Mapping[str, Any] | Path | str | None = None
    ) -> Preview:
        """Look at the first rows of a file before it is loaded; see `coachline.engine.sources.previewing.preview_file`."""
        settings = self.settings
        return preview_file(
            Path(path),
            self.lake,
            zone=settings.zone.key,
            pseudonymiser=self.pseudonymiser,
            table=table,
            mapping=MapFile.of(mapping),
            memory=settings.memory,
        )

    def facts(self, versions: Mapping[str, int] | None = None, of: str | None = None) -> Facts:
        """The facts as they stand now, or as of the given versions of tables; all of them, or those of one centre.

        Parameters
        ----------
        versions : mapping of table to version, optional
        of : str, optional
            A centre, as the table of agents names it. Agents without a centre are of the one that bears the name of this folder's settings.

        Raises
        ------
        CoachlineError
            ``no_such_version``, ``version_erased``, ``unknown_centre``.
        """
        snapshots = self.lake.snapshots(versions)
        current = {name: snapshot.version for name, snapshot in snapshots.items()}
        with self._opening:
            if self._facts is None or self._facts.versions != current:
                self._facts, self._views = Facts(self._engine(), snapshots, self.settings.zone), {}
            facts, views = self._facts, self._views
        if of is None:
            return facts
        # Kept for the next question of the same centre: what several have in common is worked out once per view of the facts.
        view = views.get(of)
        if view is None:
            own, named = self.settings.name, facts.centres
            view = facts.of_centre(of, default=own if own in named or not named else None)
            for oldest in list(views)[: max(0, len(views) + 1 - MOST_VIEWS)]:
                views.pop(oldest, None)
            views[of] = view
        return view

    def run(self, name: str, *, of: str | None = None, **parameters: Any) -> Result:
        """Run one analysis, on all facts or on those `of` one centre.

        Parameters not given come from ``centre.toml`` (analysis, then domain), else from the table of contents.
        """
        return analyses.run(name, self.facts(of=of), {**self.settings.defaults(name), **parameters})

    def table(self, name: str, version: int | None = None) -> ir.Table:
        """Fact table `name` as an Ibis table, now or as of an earlier version.

        Raises
        ------
        CoachlineError
            ``unknown_table``, ``no_such_version``, ``version_erased``.
        """
        if name not in TABLES:
            raise CoachlineError("unknown_table", name=name, known=", ".join(TABLES))
        return self.facts(None if version is None else {name: version}).table(name)

    def report(
        self,
        out: Path | str | None = None,
        *,
        since: date | str | None = None,
        until: date | str | None = None,
        language: str | None = None,
    ) -> ReportFiles:
        """Write everything that the loaded facts allow as one page and one workbook."""
        target = Path(out) if out else self.folder / "reports" / "report.html"
        first, last = SINCE.read(since), UNTIL.read(until)
        return write_report(self.run, self.facts(), target, title=self.settings.name, since=first, until=last, language=language)

    def show(
        self, analysis: str, *, since: date | str | None = None, until: date | str | None = None, language: str | None = None
    ) -> Excerpt:
        """Charts and tables of one analysis, as the report has them: shown by a notebook, or saved with ``.save(file)``."""
        first, last = SINCE.read(since), UNTIL.read(until)
        return excerpt(self.run, self.facts(), analysis, title=self.settings.name, since=first, until=last, language=language)

    def erase_customer(self, customer: str) -> dict[str, int]:
        """Remove a customer, given by the number as exports hold it, for good; see `coachline.erasure.erase_customer`."""
        pseudonym = self.pseudonymiser.of(customer.strip())
        return erase_customer(pseudonym, self.lake, self.facts(), rejects=self.folder / "rejects", uploads=self.folder / "uploads")

    def close(self) -> None:
        """Give back what the engine holds."""
        if self._compute is not None:
            self._compute.close()
            self._compute, self._facts, self._views = None, None, {}

    def __enter__(self) -> Centre:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _engine(self) -> Compute:
        if self._compute is None:
            settings = self.settings
            self._compute = SparkCompute(settings.master) if settings.engine == "spark" else DuckDBCompute(settings.memory)
        return self._compute


def _key(folder: Path) -> bytes:
    given = os.environ.get(KEY_VARIABLE)
    if given:
        return given.encode()
    try:
        return (folder / KEY_FILE).read_text(encoding="ascii").strip().encode()
    except OSError:
        raise CoachlineError("no_customer_key", variable=KEY_VARIABLE, file=str(folder / KEY_FILE)) from None


def _key_check(key: bytes) -> str:
    """A fingerprint that tells one key from another and says nothing else about it."""
    return hashlib.sha256(b"coachline key check" + key).hexdigest()[:12]
