"""Every deed that the code can enter is worded in both languages, with the facts that it gives."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator

import pytest

from coachline.web.accounts.roles import VERBS
from coachline.wording import LANGUAGES, Wording
from tests.repo.tree import ROOT, SOURCE, modules

ALWAYS = {"subject", "reason", "centre"}
NAMED = {"by", "subject", "named", "reason", "centre"}


def recorded() -> Iterator[tuple[str, str, frozenset[str] | None]]:
    """Where, which verb, and with which facts; None where these are not written out."""
    for path in modules():
        if "web" not in path.relative_to(SOURCE).parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or getattr(node.func, "id", getattr(node.func, "attr", "")) != "record":
                continue
            where = f"{path.relative_to(ROOT)}:{node.lineno}"
            facts = None if any(k.arg is None for k in node.keywords) else frozenset(k.arg for k in node.keywords if k.arg) - NAMED
            for verb in _verbs(node.args[0]):
                yield where, verb, facts


def _verbs(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _verbs(node.body)
        yield from _verbs(node.orelse)


def passed_on() -> Iterator[str]:
    """Verbs that reach `record` through a variable: written out as ``slice.verb`` in a module that records."""
    slices = {path.name for path in (SOURCE / "web").iterdir() if path.is_dir()}
    for path in modules():
        text = path.read_text(encoding="utf-8")
        if "journal.actions import" in text:
            yield from (found for found in re.findall(r'_\w+\([^()]*"([a-z_]+\.[a-z_]+)"', text) if found.split(".")[0] in slices)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_verb_has_its_sentence(language: str) -> None:
    say = Wording(language)
    found = [(where, verb) for where, verb, _ in recorded()] + [("passed on", verb) for verb in passed_on() if verb not in VERBS]
    assert len(found) > 20
    assert not [f"{where}: journal.{verb}" for where, verb in found if not say.knows(f"journal.{verb}")]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_name_no_fact_that_is_not_given(language: str) -> None:
    say = Wording(language)
    wrong = []
    for where, verb, facts in recorded():
        code = f"journal.{verb}"
        if facts is None or not say.knows(code):
            continue
        sentence = say._sentences[code]
        wanted = {name for _, name, _, _ in string.Formatter().parse(sentence) if name}
        if wanted - facts - ALWAYS:
            wrong.append(f"{where}: {code} wants {sorted(wanted - facts - ALWAYS)}")
    assert not wrong
