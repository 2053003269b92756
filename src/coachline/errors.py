"""The one kind of error that people see: a code and the facts of the case."""

from __future__ import annotations

from typing import Any


class CoachlineError(Exception):
    """Something that the user can act on.

    The engine raises it with a code and facts; the sentence, in the reader's language, is looked up only when it is
    printed. So a message is written once, and the command line, a notebook and a page say the same.

    Parameters
    ----------
    code : str
        Key below ``error.`` in the catalogues of ``coachline/locale``.
    **facts
        What the sentence needs: names, numbers, paths.
    """

    def __init__(self, code: str, /, **facts: Any) -> None:
        super().__init__(code, facts)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        from coachline.wording import Wording

        return Wording()(f"error.{self.code}", **self.facts)
