"""Forms of one's own account."""

from __future__ import annotations

from typing import Any

from django import forms

from coachline.web.accounts.actions import DAYS
from coachline.web.accounts.queries import own_verbs
from coachline.web.base.language import words


class ProfileForm(forms.Form):
    """How one is called, and where mail reaches one."""

    name = forms.CharField(max_length=80)
    email = forms.EmailField(required=False)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        say = words()
        self.fields["name"].label = say("web.accounts.me.name")
        self.fields["email"].label = say("web.accounts.me.email")
        self.fields["email"].help_text = say("web.accounts.me.email_help")


class TokenForm(forms.Form):
    """A new token: what it is for, what it may do, how long."""

    name = forms.CharField(max_length=80)
    days = forms.TypedChoiceField(coerce=int)
    verbs = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)

    def __init__(self, user: Any, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        say = words()
        self.fields["name"].label = say("web.accounts.tokens.name")
        self.fields["name"].help_text = say("web.accounts.tokens.name_help")
        self.fields["days"].label = say("web.accounts.tokens.days")
        self.fields["days"].choices = [(days, say("web.accounts.tokens.for_days", days=days)) for days in DAYS]  # type: ignore[attr-defined]
        self.fields["verbs"].label = say("web.accounts.tokens.verbs")
        self.fields["verbs"].choices = [(own.verb, say(f"verb.{own.verb}")) for own in own_verbs(user)]  # type: ignore[attr-defined]
