"""The page: whole, self-contained, safe, and in one language."""

from __future__ import annotations

import itertools
import json
import re

import pytest

from coachline.report.page import embedded
from tests.report.conftest import BREAKER, FORMULA, SCRIPT, Report
from tests.report.reading import Page, read

FAMILIES = "metric|metric_formula|column|report|dimension|note|check|issue|rule|analysis|parameter|outcome|error"
LEAK = re.compile(rf"\b({FAMILIES})\.[a-z_]+")
HAN = re.compile("[\u4e00-\u9fff]")
MEGABYTE = 1_000_000


@pytest.fixture(params=["zh", "en"])
def page(report: Report, request: pytest.FixtureRequest) -> Page:
    return read(report(request.param).html)


def test_everything_that_is_opened_is_closed(page: Page) -> None:
    assert page.open_at_end == []


def test_nothing_is_loaded_from_anywhere(page: Page) -> None:
    for tag, attributes in page.elements:
        assert tag not in {"link", "iframe", "object", "embed", "base", "img"}, tag
        assert "src" not in attributes, tag
        assert (attributes.get("href") or "#").startswith("#"), attributes
    policy = next(a["content"] or "" for t, a in page.elements if t == "meta" and a.get("http-equiv") == "Content-Security-Policy")
    assert policy.startswith("default-src 'none'")
    assert "unsafe-inline" not in re.search(r"script-src [^;]*", policy)[0]  # type: ignore[index]


def test_links_lead_somewhere_and_anchors_are_unique(page: Page) -> None:
    ids = page.ids()
    assert len(ids) == len(set(ids))
    links = {(attributes["href"] or "").lstrip("#") for tag, attributes in page.elements if tag == "a"}
    assert {"overview", "trust", "passport-connect_rate"} <= links <= set(ids)


def test_no_code_stands_where_a_word_should(page: Page) -> None:
    assert not LEAK.findall(page.text)
    labels = [value or "" for _, attributes in page.elements for name, value in attributes.items() if name in ("aria-label", "title")]
    assert not LEAK.findall("\n".join(labels))
    assert not LEAK.findall(json.dumps(page.data, ensure_ascii=False))


def test_names_of_people_and_businesses_stay_text(page: Page) -> None:
    assert "b" not in {tag for tag, _ in page.elements}
    assert not any("alert(1)" in script for script in page.scripts if not script.lstrip().startswith('{"words"'))
    for name in (SCRIPT, FORMULA, BREAKER):
        assert name in page.text
        assert name in json.dumps(page.data, ensure_ascii=False)


def test_data_cannot_end_its_element() -> None:
    names = {"name": "</script><!--\u2028&", "value": 1.5}
    text = embedded(names)
    assert not set("<>&\u2028") & set(text)
    assert json.loads(text) == names


def test_headings_are_in_order_and_tables_have_headers(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.elements if tag in {"h1", "h2", "h3", "h4"}]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))
    headers = [attributes for tag, attributes in page.elements if tag == "th"]
    assert headers
    assert all(attributes.get("scope") in {"col", "row"} for attributes in headers)


def test_every_picture_says_what_it_is_and_has_a_table(page: Page) -> None:
    holders = [attributes for _, attributes in page.elements if "data-picture" in attributes]
    assert [int(a["data-picture"] or -1) for a in holders] == list(range(len(page.data["pictures"])))
    # What is made of elements speaks for itself; a drawing is one picture.
    assert all(a["role"] in ("img", "group") and a["aria-label"] for a in holders)
    figures = sum(tag == "figure" for tag, _ in page.elements)
    assert figures == sum(tag == "details" for tag, _ in page.elements) == len(holders)


def test_the_chinese_page_is_chinese(report: Report) -> None:
    page = read(report("zh").html)
    for kind in ("h2", "h3", "summary", "caption"):
        assert [text for text in page.of(kind) if not HAN.search(text)] == []
    heads = [text for text in page.of("th") if re.fullmatch(r"[A-Za-z_. ]+", text)]
    assert heads == []


def test_the_english_page_has_no_chinese_of_ours(report: Report) -> None:
    page = read(report("en").html)
    ours = [text for kind in ("h2", "summary", "caption", "dt", "p") for text in page.of(kind) if HAN.search(text)]
    # Names of businesses and teams are the centre's and stay as they are.
    assert [text for text in ours if not re.search("业务|[一二]班|中心", text)] == []


def test_the_page_is_small(report: Report) -> None:
    assert report("zh").html.stat().st_size < 2 * MEGABYTE
