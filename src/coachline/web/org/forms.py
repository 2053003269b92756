"""What is asked for when the organisation and its users are looked at or changed."""

from __future__ import annotations

from typing import Any

from django import forms

from coachline.web.accounts.roles import ROLES
from coachline.web.base.language import words
from coachline.web.org.models import Agent, Centre, Team


class _TeamField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, team: Any) -> str:
        return f"{team.centre} · {team}"


class AgentIdField(forms.CharField):
    """An agent, by the number that they are known by."""

    def clean(self, value: Any) -> Agent | None:
        text = super().clean(value)
        if not text:
            return None
        found = Agent.objects.filter(agent_id=text).first()
        if found is None:
            raise forms.ValidationError(words()("web.org.no_such_agent", agent=text))
        return found


class GrantForm(forms.Form):
    """A role, and where it is held."""

    role = forms.ChoiceField()
    centre = forms.ModelChoiceField(Centre.objects.none(), required=False, empty_label="–")
    team = _TeamField(Team.objects.none(), required=False, empty_label="–")

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        say = words()
        role, centre, team = (self.fields[name] for name in ("role", "centre", "team"))
        role.choices = [("", "–"), *((code, say(f"role.{code}")) for code in ROLES)]  # type: ignore[attr-defined]
        centre.queryset = Centre.objects.all()  # type: ignore[attr-defined]
        team.queryset = Team.objects.select_related("centre")  # type: ignore[attr-defined]
        role.label, centre.label, team.label = (say(f"web.org.{name}") for name in ("role", "centre", "team"))
        centre.help_text, team.help_text = say("web.org.centre_help"), say("web.org.team_help")


class NewUserForm(GrantForm):
    """Somebody who shall sign in."""

    username = forms.CharField(max_length=150)
    name = forms.CharField(max_length=80)
    email = forms.EmailField(required=False)
    agent = AgentIdField(required=False, max_length=64)

    field_order = ("username", "name", "email", "role", "centre", "team", "agent")

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        say = words()
        self.fields["role"].required = False
        for name in ("username", "name", "email", "agent"):
            self.fields[name].label = say(f"web.org.{name}")
        self.fields["username"].help_text = say("web.org.username_help")
        self.fields["agent"].help_text = say("web.org.agent_help")


class LinkForm(forms.Form):
    """Which agent a user is."""

    agent = AgentIdField(max_length=64)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["agent"].label = words()("web.org.agent")


class UserFileForm(forms.Form):
    """A table of users."""

    file = forms.FileField(widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx,.xls"}))

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.fields["file"].label = words()("web.org.import.file")
