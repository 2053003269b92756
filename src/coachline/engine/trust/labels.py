"""Business labels that look miscoded: other spellings of a label, slips of the pen, levels left out."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from coachline.engine.facts import Facts
from coachline.engine.tables import Column, FactTable
from coachline.engine.tables.kinds import Path
from coachline.engine.trust.issue import Issue

MOST_LABELS = 20_000
"""A column with more different labels is free text, and listed as such."""

MOST_LISTED = 50
"""Slips listed one by one for a column."""

RATIO_FOREIGN, RATIO_STRANGE, RATIO_LENGTH, RATIO_KNOWN = 20, 50, 200, 3
"""How many times more frequent the likely right label must be, by what betrays the slip: a character that simplified Chinese does not
have, or a swap, or a doubled one; a character that hardly any other name has; nothing but characters too many or too few; the list of
businesses."""

RETIRED = re.compile(r"\((?:旧|旧版|停用|已停用|作废|废弃|勿用|old|retired)\)$")
"""Marks that systems append to a label that is no longer in use."""

NUMERALS = frozenset("0123456789一二三四五六七八九十")


@dataclass(frozen=True)
class Slip:
    """A label and the one that was probably meant (paths), with the rows that carry the wrong one."""

    wrong: str
    right: str
    rows: int


def issues(facts: Facts, table: FactTable, distinct: Mapping[str, int]) -> list[Issue]:
    """Codes ``label_spelling``, ``label_typo`` and ``label_depth``.

    Parameters
    ----------
    distinct : mapping of column to int
        About how many different values each column has.
    """
    found: list[Issue] = []
    paths = [c for c in table.columns if isinstance(c.kind, Path)]
    for column in paths:
        if not 1 < distinct[column.name] <= MOST_LABELS or (table.name, column.name) == ("businesses", "business"):
            continue
        found += _of_column(table, column, _counts(facts, table.name, column.name), _known(facts), facts.rows(table.name))
    return found


def _counts(facts: Facts, table: str, column: str) -> Counter[str]:
    rows = facts.table(table)
    labelled = rows.filter(rows[column].notnull())
    counted = facts.collect(labelled.group_by(column).aggregate(n=labelled.count()))
    return Counter(dict(zip(counted[column].to_pylist(), counted["n"].to_pylist(), strict=True)))


def _known(facts: Facts) -> frozenset[str]:
    if not facts.has("businesses"):
        return frozenset()
    return frozenset(facts.collect(facts.table("businesses").select("business"))["business"].to_pylist())


def _of_column(table: FactTable, column: Column, counts: Counter[str], known: frozenset[str], total: int) -> list[Issue]:
    found = []
    spelled = spellings(counts, known)
    merged = Counter(counts)
    for slip in spelled:
        merged[slip.right] += merged.pop(slip.wrong)
    for code, slips in (("label_spelling", spelled), ("label_typo", typos(merged, known))):
        for slip in slips[:MOST_LISTED]:
            example = f"{slip.wrong} → {slip.right}" if code == "label_spelling" else _shortest(slip)
            found.append(Issue(table.name, column.name, code, slip.rows, slip.rows / total, "wrong", example))
    inner = inner_labels(merged, known)
    if inner:
        rows = inner.total()
        example = ", ".join(label for label, _ in inner.most_common(3)) + (" …" if len(inner) > 3 else "")
        found.append(Issue(table.name, column.name, "label_depth", rows, rows / total, "gap", example))
    return found


def _shortest(slip: Slip) -> str:
    """The two names without the levels that they share."""
    return f"{slip.wrong.rpartition('/')[2]} → {slip.right.rpartition('/')[2]}"


def spelling_key(label: str) -> str:
    """What is left of a label when width, case, spaces, punctuation and a mark of retirement do not count."""
    folded = RETIRED.sub("", unicodedata.normalize("NFKC", label).casefold().strip())
    return "".join(
        sign
        for i, sign in enumerate(folded)
        if unicodedata.category(sign)[0] not in "PZC" or (folded[i - 1 : i].isdigit() and folded[i + 1 : i + 2].isdigit())
    )


def spellings(counts: Mapping[str, int], known: Collection[str]) -> list[Slip]:
    """Labels that differ from a known, else more frequent one in spaces, width, case, separators or punctuation only."""
    alike: dict[str, list[str]] = defaultdict(list)
    for label in counts:
        alike[spelling_key(label)].append(label)
    slips = []
    for key, labels in alike.items():
        listed = [label for label in labels if label in known]
        if not key or len(labels) < 2 or len(listed) > 1:
            continue
        right = listed[0] if listed else max(labels, key=lambda label: (counts[label], label))
        slips += [Slip(label, right, counts[label]) for label in labels if label != right]
    return _by_weight(slips)


def typos(counts: Mapping[str, int], known: Collection[str]) -> list[Slip]:
    """Names one or two characters away from a much more frequent one under the same parent.

    Two real names can be that near (国内件, 国际件). So the list of businesses, where loaded, is believed; numbered names are never
    compared; and something must betray the slip: see the ratios above.
    """
    signs: Counter[str] = Counter()
    for label, n in counts.items():
        signs.update(dict.fromkeys(set(label), n))
    listed = {node for label in known for node in _nodes(label)}
    children: dict[str, Counter[str]] = defaultdict(Counter)
    for label, n in counts.items():
        for node in _nodes(label):
            parent, _, name = node.rpartition("/")
            children[parent][name] += n
    slips = []
    for parent, names in children.items():
        for wrong, right in _near(names):
            prefix = f"{parent}/" if parent else ""
            if prefix + wrong in listed:
                continue
            rare = {sign for sign, n in signs.items() if names[right] >= RATIO_STRANGE * n}
            ratio = _ratio(wrong, right, rare, prefix + right in listed)
            if ratio is not None and names[right] >= ratio * names[wrong]:
                slips.append(Slip(prefix + wrong, prefix + right, names[wrong]))
    best: dict[str, Slip] = {}
    for slip in slips:
        if slip.wrong not in best or counts.get(slip.right, 0) > counts.get(best[slip.wrong].right, 0):
            best[slip.wrong] = slip
    # What lies below a miscoded level is miscoded with it, and listed there once.
    return _by_weight(slip for slip in best.values() if not any(above in best for above in _nodes(slip.wrong)[:-1]))


def inner_labels(counts: Mapping[str, int], known: Collection[str]) -> Counter[str]:
    """Labels that end at a level below which others go on: a level was left out. Those on the list of businesses are meant so."""
    inner = {above for label in counts for above in _nodes(label)[:-1]}
    return Counter({label: n for label, n in counts.items() if label in inner and label not in known})


def edits(a: str, b: str, most: int) -> int:
    """Edits that turn `a` into `b`: insert, delete, replace, swap two neighbours (optimal string alignment); ``most + 1`` if more.

    Source: Damerau 1964, CACM 7:171.

    >>> edits("国际件查询", "国际查件询", 2)
    1
    """
    if abs(len(a) - len(b)) > most:
        return most + 1
    above: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        two_above, above, row = above, row, [i]
        for j, y in enumerate(b, 1):
            cost = min(above[j] + 1, row[j - 1] + 1, above[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, two_above[j - 2] + 1)
            row.append(cost)
        if min(row) > most and (not above or min(above) > most):
            return most + 1
    return min(row[-1], most + 1)


def _near(names: Mapping[str, int]) -> Iterable[tuple[str, str]]:
    """Pairs (rare, frequent) within the edits that their length allows, by the names' common shortenings."""
    by_part: dict[str, list[str]] = defaultdict(list)
    for name in names:
        for part in _shortened(name):
            by_part[part].append(name)
    seen = set()
    for group in by_part.values():
        for a, b in combinations(group, 2):
            rare, frequent = sorted((a, b), key=lambda name: (names[name], name))
            if (rare, frequent) not in seen:
                seen.add((rare, frequent))
                most = min(_allowed(rare), _allowed(frequent))
                if edits(rare, frequent, most) <= most:
                    yield rare, frequent


def _allowed(name: str) -> int:
    if len(name) < 4:
        return 0
    return 2 if len(name) >= (10 if name.isascii() else 8) else 1


def _shortened(name: str) -> set[str]:
    """`name` less up to as many characters as may be wrong: names that near share one of these (the idea of Garbe's SymSpell)."""
    lengths = range(_allowed(name) + 1)
    return {"".join(s for i, s in enumerate(name) if i not in left_out) for k in lengths for left_out in combinations(range(len(name)), k)}


def _ratio(wrong: str, right: str, rare: Collection[str], listed: bool) -> int | None:
    """How much more frequent `right` must be for `wrong` to be a slip of it; None if they are two names."""
    more, less = Counter(wrong) - Counter(right), Counter(right) - Counter(wrong)
    if (more.keys() | less.keys()) & NUMERALS:
        return None
    if wrong.isascii() and right.isascii():
        # Letters are too few to be strange; but "Form A" and "Form B" are two names, and slips rarely hit the first letter.
        if wrong[0] != right[0] or any(len(word) < 3 for name in (wrong, right) for word in name.split()):
            return None
        return RATIO_KNOWN if listed else RATIO_STRANGE
    if listed:
        return RATIO_KNOWN
    if all(sign in right or _foreign(sign) for sign in more):
        return RATIO_FOREIGN if more or not less else RATIO_LENGTH
    if not less:
        return RATIO_LENGTH
    return RATIO_STRANGE if all(sign in rare for sign in more) else None


def _foreign(sign: str) -> bool:
    """Whether a character is beyond GB 2312, the standard of simplified Chinese: 際 and 査 are, 际 and 查 are not."""
    try:
        sign.encode("gb2312")
    except UnicodeEncodeError:
        return True
    return False


def _nodes(label: str) -> list[str]:
    """A path's levels from the top: ``a/b/c`` gives ``a``, ``a/b``, ``a/b/c``."""
    levels = label.split("/")
    return ["/".join(levels[:i]) for i in range(1, len(levels) + 1)]


def _by_weight(slips: Iterable[Slip]) -> list[Slip]:
    return sorted(slips, key=lambda slip: (-slip.rows, slip.wrong))
