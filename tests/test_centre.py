"""The centre's folder: made, opened, set up, backed up."""

from __future__ import annotations

from pathlib import Path

import pytest

import coachline
from coachline.archive import backup, restore
from coachline.centre import KEY_FILE, KEY_VARIABLE, SETTINGS_FILE, Centre
from coachline.engine.compute import DuckDBCompute
from coachline.errors import CoachlineError
from coachline.outputs import as_json

CALLS = "call_id,arrived_at,agent_id,outcome,talk_s,wait_s,customer_id\n" + "".join(
    f"C{i},2026-03-0{1 + i % 7} 08:{i % 60:02}:00,A{i % 3},{'abandoned' if i % 10 == 0 else 'answered'},{0 if i % 10 == 0 else 60 + i},{i % 30},1380000{i % 40:04}\n"
    for i in range(300)
)


@pytest.fixture
def centre(tmp_path: Path) -> Centre:
    made = Centre.create(tmp_path / "centre", '测试 "中心" \\ 一')
    (tmp_path / "calls.csv").write_text(CALLS, encoding="utf-8")
    made.import_file(tmp_path / "calls.csv")
    return made


def code_of(action: object) -> str:
    with pytest.raises(CoachlineError) as caught:
        action()  # type: ignore[operator]
    return caught.value.code


def test_a_new_centre_opens_with_its_name_and_keeps_its_key_to_itself(centre: Centre) -> None:
    opened = coachline.open(centre.folder)
    assert opened.settings.name == '测试 "中心" \\ 一'
    assert opened.settings.zone.key == "Asia/Shanghai"
    assert (centre.folder / KEY_FILE).stat().st_mode & 0o077 == 0


def test_folders_that_cannot_be_a_centre(centre: Centre, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    assert code_of(lambda: Centre.create(centre.folder)) == "centre_exists"
    assert code_of(lambda: Centre.create(tmp_path / "full")) == "folder_not_empty"
    assert code_of(lambda: coachline.open(tmp_path / "full")) == "not_a_centre"


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ('zone = "Asia/Shanghai"', 'zone = "Mars/Base"', "settings_bad_entry"),
        ('kind = "duckdb"', 'kind = "abacus"', "settings_bad_entry"),
        ("[centre]", "[centre", "settings_unreadable"),
        ("[engine]", '[parameters."no.such"]\nx = 1\n[engine]', "settings_bad_entry"),
        ("[engine]", "[parameters.nonsense]\nx = 1\n[engine]", "settings_bad_entry"),
        ("[engine]", "[parameters.operations]\nno_such = 1\n[engine]", "settings_bad_entry"),
        ("[engine]", "[parameters]\noperations = 1\n[engine]", "settings_bad_entry"),
        ("[centre]", "parameters = 1\n[centre]", "settings_bad_entry"),
    ],
)
def test_settings_that_cannot_be(centre: Centre, old: str, new: str, code: str) -> None:
    file = centre.folder / SETTINGS_FILE
    file.write_text(file.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert code_of(lambda: coachline.open(centre.folder)) == code


def test_another_key_is_refused(centre: Centre, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "another key")
    assert code_of(lambda: Centre(centre.folder).import_file(tmp_path / "calls.csv")) == "wrong_customer_key"
    monkeypatch.delenv(KEY_VARIABLE)
    (centre.folder / KEY_FILE).unlink()
    assert code_of(lambda: Centre(centre.folder).import_file(tmp_path / "calls.csv")) == "no_customer_key"


def test_the_key_may_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(KEY_VARIABLE, "a key that lies elsewhere")
    made = Centre.create(tmp_path / "centre")
    assert not (made.folder / KEY_FILE).exists()
    assert made.pseudonymiser.of("13800001111").startswith("c_")


def test_results_say_where_they_come_from(centre: Centre) -> None:
    result = centre.run("operations.daily", since="2026-03-02", answer_within=15)
    provenance = result.provenance
    assert provenance.lake == {"calls": 0} and provenance.engine.startswith("duckdb")
    assert provenance.parameters["answer_within"] == 15 and str(provenance.parameters["since"]) == "2026-03-02"
    assert "operations.daily" in result._repr_html_()
    assert result.polars()["date"].min().isoformat() == "2026-03-02"


def test_parameters_of_the_centre_are_defaults(centre: Centre) -> None:
    file = centre.folder / SETTINGS_FILE
    file.write_text(file.read_text(encoding="utf-8") + '\n[parameters."operations.daily"]\nanswer_within = 7\n', encoding="utf-8")
    with Centre(centre.folder) as opened:
        assert opened.run("operations.daily").provenance.parameters["answer_within"] == 7
        assert opened.run("operations.daily", answer_within=9).provenance.parameters["answer_within"] == 9


def test_a_domain_gives_defaults_to_its_analyses_that_take_them(centre: Centre) -> None:
    file = centre.folder / SETTINGS_FILE
    shared = "[parameters.operations]\nanswer_within = 11\nrepeat_days = 3\nminutes = 60\n"
    file.write_text(file.read_text(encoding="utf-8") + f'\n{shared}[parameters."operations.daily"]\nanswer_within = 7\n', encoding="utf-8")
    with Centre(centre.folder) as opened:

        def used(analysis: str, name: str, **given: object) -> object:
            return opened.run(analysis, **given).provenance.parameters.get(name)

        assert used("operations.daily", "answer_within") == 7
        assert used("operations.daily", "answer_within", answer_within=9) == 9
        assert used("operations.intervals", "answer_within") == 11
        assert used("operations.daily", "repeat_days") == 3
        assert used("operations.daily", "minutes") is None
        assert used("operations.intervals", "minutes") == 60
        assert used("capability.cells", "repeat_days") == 7


def test_the_examples_in_new_settings_are_accepted(centre: Centre) -> None:
    file = centre.folder / SETTINGS_FILE
    lines = file.read_text(encoding="utf-8").splitlines()
    begin = next(n for n, line in enumerate(lines) if line.startswith("# [parameters"))
    file.write_text("\n".join([*lines[:begin], *(line.removeprefix("# ") for line in lines[begin:])]), encoding="utf-8")
    settings = coachline.open(centre.folder).settings
    assert settings.defaults("operations.daily")["answer_within"] == 15
    assert settings.defaults("capability.cells") == {"satisfied_from": 5}


def test_a_dot_without_quotes_is_explained(centre: Centre) -> None:
    file = centre.folder / SETTINGS_FILE
    file.write_text(file.read_text(encoding="utf-8") + "\n[parameters.operations.daily]\nanswer_within = 7\n", encoding="utf-8")
    with pytest.raises(CoachlineError, match=r'\[parameters\."operations\.daily"\]'):
        Centre(centre.folder)


def test_what_cannot_be_run(centre: Centre) -> None:
    assert code_of(lambda: centre.run("operations.weekly")) == "unknown_analysis"
    assert code_of(lambda: centre.run("operations.daily", answer="x")) == "unknown_parameter"
    assert code_of(lambda: centre.run("operations.daily", since="yesterday")) == "bad_parameter"
    assert code_of(lambda: centre.run("operations.hours")) == "no_facts"
    assert code_of(lambda: centre.table("nonsense")) == "unknown_table"


def test_facts_stay_as_they_were_when_more_is_loaded(centre: Centre, tmp_path: Path) -> None:
    before = centre.facts()
    (tmp_path / "more.csv").write_text("call_id,arrived_at,outcome\nX1,2026-03-09 08:00,answered\n", encoding="utf-8")
    centre.import_file(tmp_path / "more.csv")
    assert before.rows("calls") == 300 and centre.facts().rows("calls") == 301
    assert before.collect(before.table("calls").count().as_table())[0].to_pylist() == [300]


def test_one_of_several_centres(centre: Centre, tmp_path: Path) -> None:
    people = "agent_id,team,centre\nA0,一班,甲\nA1,一班,乙\nA2,二班,\n"
    (tmp_path / "people.csv").write_text(people, encoding="utf-8")
    centre.import_file(tmp_path / "people.csv", "agents")
    result = centre.run("operations.daily", of="甲", since="2026-03-02")
    assert result.provenance.centre == "甲" and centre.run("operations.daily").provenance.centre is None
    assert [note.facts["calls"] for note in result.notes if note.code == "calls_of_no_centre"] == [centre.facts(of="甲").calls_of_no_centre]
    own, whole = centre.facts(of="甲"), centre.facts()
    assert own is centre.facts(of="甲") and own.versions == whole.versions
    assert own.rows("agents") == 1 and 0 < own.rows("calls") < whole.rows("calls")
    assert code_of(lambda: centre.run("operations.daily", of="丙")) == "unknown_centre"
    # The folder's own name is no centre here, so whoever has none is nobody's.
    assert code_of(lambda: centre.facts(of=centre.settings.name)) == "unknown_centre"


def test_where_no_centre_is_recorded_the_folder_is_the_centre(centre: Centre) -> None:
    own = centre.facts(of=centre.settings.name)
    assert own.centre == centre.settings.name and own.rows("calls") == 300


def test_people_without_a_centre_are_of_the_one_that_the_folder_is_named_after(centre: Centre, tmp_path: Path) -> None:
    people = f'agent_id,centre\nA0,"{centre.settings.name.replace(chr(34), chr(34) * 2)}"\nA1,乙\nA2,\n'
    (tmp_path / "people.csv").write_text(people, encoding="utf-8")
    centre.import_file(tmp_path / "people.csv", "agents")
    assert centre.facts(of=centre.settings.name).rows("agents") == 2 and centre.facts(of="乙").rows("agents") == 1


def test_a_result_says_whose_it_is_in_json(centre: Centre) -> None:
    assert '"centre"' not in as_json(centre.run("operations.passports"))
    assert '"centre": ' in as_json(centre.run("operations.passports", of=centre.settings.name))


def test_backup_and_restore(centre: Centre, tmp_path: Path) -> None:
    backup(centre, tmp_path / "saved.tar.gz")
    assert (tmp_path / "saved.tar.gz").stat().st_mode & 0o077 == 0
    restored = restore(tmp_path / "saved.tar.gz", tmp_path / "again")
    assert restored.run("operations.daily").table() == centre.run("operations.daily").table()
    assert restored.pseudonymiser.of("1") == centre.pseudonymiser.of("1")
    assert restored.import_file(tmp_path / "calls.csv").unchanged == 300


def test_backups_that_cannot_be(centre: Centre, tmp_path: Path) -> None:
    saved = tmp_path / "saved.tar.gz"
    backup(centre, saved)
    content = saved.read_bytes()
    (tmp_path / "cut.tar.gz").write_bytes(content[: len(content) // 2])
    (tmp_path / "other.tar.gz").write_bytes(b"not an archive")
    assert code_of(lambda: restore(tmp_path / "cut.tar.gz", tmp_path / "x")) == "backup_damaged"
    assert code_of(lambda: restore(tmp_path / "other.tar.gz", tmp_path / "x")) == "backup_damaged"
    assert code_of(lambda: restore(tmp_path / "none.tar.gz", tmp_path / "x")) == "no_such_file"
    assert code_of(lambda: restore(saved, centre.folder)) == "folder_not_empty"
    assert code_of(lambda: backup(centre, centre.folder / "b.tar.gz")) == "backup_inside_centre"
    assert not (tmp_path / "x").exists() and not list(tmp_path.glob("*.part"))


def test_duckdb_stays_within_its_memory_and_spills() -> None:
    compute = DuckDBCompute("200MB")
    limit = compute.connection.con.execute("SELECT current_setting('memory_limit')").fetchall()[0][0]
    assert "MiB" in limit and float(limit.split()[0]) < 200
    compute.close()
