"""The form of any analysis, made from its row in the table of contents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from coachline.engine.analyses import ANALYSES
from coachline.engine.parameters import Parameter
from coachline.errors import CoachlineError
from coachline.web.base.centre_folder import centre_settings
from coachline.web.base.language import words


@dataclass(frozen=True)
class Field:
    """One parameter as it stands in the form.

    Attributes
    ----------
    kind : str
        ``date``, ``number``, ``choice``, ``flag``, ``long`` (rules and weights) or ``text``.
    choices : sequence of (value, text)
    usual : str
        What is taken where nothing is given.
    accepted : str
        What would be accepted.
    problem : str
        Why what was given could not be read.
    """

    name: str
    label: str
    kind: str
    value: str
    usual: str
    accepted: str
    choices: Sequence[tuple[str, str]] = ()
    step: str = "any"
    low: float | None = None
    high: float | None = None
    problem: str = ""


class AnalysisForm:
    """Reads and shows the parameters of one analysis; what is left empty takes the centre's default.

    Parameters
    ----------
    analysis : str
    given : mapping of str to str
        As the browser sent it; other entries are passed over.
    """

    def __init__(self, analysis: str, given: Mapping[str, Any]) -> None:
        self._parameters = ANALYSES[analysis].parameters
        self._usual = centre_settings().defaults(analysis)
        self.given = {p.name: str(given.get(p.name, "")).strip() for p in self._parameters}
        self.values = {name: value for name, value in self.given.items() if value}
        self.problems: dict[str, str] = {}

    def valid(self) -> bool:
        """Whether every entry can be read; `fields` then say what is wrong with those that cannot."""
        for parameter in self._parameters:
            try:
                parameter.read(self.values.get(parameter.name))
            except CoachlineError as error:
                self.problems[parameter.name] = words()(f"error.{error.code}", **error.facts)
        return not self.problems

    def fields(self) -> list[Field]:
        return [self._field(parameter) for parameter in self._parameters]

    def _field(self, parameter: Parameter) -> Field:
        say = words()
        kinds = {"integer": "number", "rules": "long", "weights": "long"}
        usual = self._usual.get(parameter.name)
        choices = [(code, _choice(parameter, code)) for code in parameter.choices] if parameter.kind == "choice" else []
        if parameter.kind == "flag":
            choices = [("true", say("web.base.yes")), ("false", say("web.base.no"))]
        shown = parameter.default_text if usual is None else _text(usual)
        return Field(
            name=parameter.name,
            label=say(f"parameter.{parameter.name}"),
            kind=kinds.get(parameter.kind, parameter.kind),
            value=self.given[parameter.name],
            usual=dict(choices).get(shown.lower() if parameter.kind == "flag" else shown, shown),
            accepted=parameter.accepted,
            choices=choices,
            step="1" if parameter.kind == "integer" else "any",
            low=parameter.low,
            high=parameter.high,
            problem=self.problems.get(parameter.name, ""),
        )


def _choice(parameter: Parameter, code: str) -> str:
    """A choice in words where there is one for it; else its code."""
    say = words()
    families = (parameter.name, "outcome", "metric", "table", "choice")
    return next((say(f"{family}.{code}") for family in families if say.knows(f"{family}.{code}")), code)


def _text(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{name}={part}" for name, part in value.items())
    return str(value)
