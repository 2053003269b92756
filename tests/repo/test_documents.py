"""The documents say what the code does, in both languages, and their links lead somewhere."""

from __future__ import annotations

import re

import pytest

from coachline.engine.analyses import ANALYSES
from coachline.wording import LANGUAGES
from tests.repo.tree import ROOT, files
from tools.write_method_index import index
from tools.write_table_docs import page

DOCS = ROOT / "docs"
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_of_tables_is_current(language: str) -> None:
    """``make docs`` puts it right."""
    assert (DOCS / f"tables.{language}.md").read_text(encoding="utf-8") == page(language)


def test_the_index_of_methods_is_current() -> None:
    """``make docs`` puts it right."""
    assert (DOCS / "methods" / "README.md").read_text(encoding="utf-8") == index()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ANALYSES)
def test_every_analysis_has_a_page_on_its_method(name: str, language: str) -> None:
    text = (DOCS / "methods" / f"{name}.{language}.md").read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert name in text
    for parameter in ANALYSES[name].parameters:
        assert f"`{parameter.name}`" in text, f"{parameter.name} is not explained"


def test_links_between_documents_lead_somewhere() -> None:
    lost = [
        f"{path.relative_to(ROOT)}: {target}"
        for path in files()
        if path.suffix == ".md"
        for target in LINK.findall(path.read_text(encoding="utf-8"))
        if "://" not in target and not target.startswith("mailto:") and not (path.parent / target).exists()
    ]
    assert not lost, "\n".join(lost)
