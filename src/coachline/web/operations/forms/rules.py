"""Forms of rules and channels."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q

from coachline.engine.operations.metrics import METRICS
from coachline.web.base.language import words
from coachline.web.operations.actions.setting import Wish
from coachline.web.operations.models import Channel, Rule
from coachline.web.operations.permissions import TOLD, centres_to_set, may_set

ALL = "all"


def _centres(user: Any) -> list[tuple[str, str]]:
    """For which centres `user` may set something; where it is the only one, there is nothing to choose."""
    everywhere = [(ALL, words()("web.base.all_centres"))] if may_set(user, None) else []
    own = centres_to_set(user)
    return everywhere if everywhere and len(own) <= 1 else [*everywhere, *((str(one.pk), one.name) for one in own)]


class _OfCentre(forms.Form):
    centre = forms.ChoiceField()

    def __init__(self, user: Any, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.user = user
        choices = _centres(user)
        self.fields["centre"].choices = choices  # type: ignore[attr-defined]
        self.fields["centre"].label = words()("web.base.centre")
        if len(choices) == 1:
            self.fields["centre"].widget = forms.HiddenInput()
            self.fields["centre"].initial = choices[0][0]

    def chosen_centre(self) -> Any:
        chosen = self.cleaned_data["centre"]
        return None if chosen == ALL else next(one for one in centres_to_set(self.user) if str(one.pk) == chosen)


class RuleForm(_OfCentre):
    """When whom to tell. Limits are typed as people say them: a share in percent, a fall in points, a time in seconds."""

    name = forms.CharField(max_length=80)
    metric = forms.ChoiceField(required=False)
    condition = forms.ChoiceField()
    threshold = forms.FloatField(required=False, min_value=0, max_value=10_000_000)
    n_at_least = forms.IntegerField(min_value=0, max_value=1_000_000, initial=30)
    roles = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    mail = forms.BooleanField(required=False)
    channels = forms.MultipleChoiceField(required=False, widget=forms.CheckboxSelectMultiple)
    enabled = forms.BooleanField(required=False, initial=True)

    field_order = ("name", "metric", "condition", "threshold", "n_at_least", "roles", "mail", "channels", "centre", "enabled")

    def __init__(self, user: Any, *given: Any, **more: Any) -> None:
        super().__init__(user, *given, **more)
        say = words()
        for name in ("name", "metric", "condition", "threshold", "n_at_least", "roles", "mail", "channels", "enabled"):
            self.fields[name].label = say(f"web.operations.rule.{name}")
        for name in ("threshold", "n_at_least"):
            self.fields[name].help_text = say(f"web.operations.rule.{name}_help")
        metrics = [("", say("web.operations.rule.any_main")), *((code, say(f"metric.{code}")) for code in METRICS)]
        self.fields["metric"].choices = metrics  # type: ignore[attr-defined]
        self.fields["condition"].choices = [(code, say(f"web.operations.rule.condition_{code}")) for code in Rule.Condition.values]  # type: ignore[attr-defined]
        self.fields["roles"].choices = [(role, say(f"role.{role}")) for role in TOLD]  # type: ignore[attr-defined]
        self.known = {str(channel.pk): channel for channel in channels_for(user)}
        self.fields["channels"].choices = [(pk, channel.name) for pk, channel in self.known.items()]  # type: ignore[attr-defined]
        if not self.known:
            del self.fields["channels"]

    @staticmethod
    def initial_of(rule: Rule) -> dict[str, Any]:
        """A rule as the form shows it."""
        percent = rule.threshold is not None and _in_percent(rule.metric, rule.condition)
        return {
            "name": rule.name,
            "centre": ALL if rule.centre_id is None else str(rule.centre_id),
            "metric": rule.metric,
            "condition": rule.condition,
            "threshold": round(rule.threshold * 100, 6) if percent and rule.threshold is not None else rule.threshold,
            "n_at_least": rule.n_at_least,
            "roles": rule.roles,
            "mail": rule.mail,
            "channels": [str(channel.pk) for channel in rule.channels.all()],
            "enabled": rule.enabled,
        }

    def wish(self) -> Wish:
        """The rule that was asked for."""
        given = self.cleaned_data
        limit = given["threshold"]
        if limit is not None and _in_percent(given["metric"], given["condition"]):
            limit = limit / 100
        return Wish(
            name=given["name"],
            centre=self.chosen_centre(),
            metric=given["metric"],
            condition=given["condition"],
            threshold=limit,
            n_at_least=given["n_at_least"],
            roles=given["roles"],
            mail=given["mail"],
            channels=[self.known[pk] for pk in given.get("channels", [])],
            enabled=given["enabled"],
        )


class ChannelForm(_OfCentre):
    """Where messages go. What was typed into address and secret is never shown again; left empty, they stay."""

    name = forms.CharField(max_length=80)
    kind = forms.ChoiceField()
    url = forms.CharField(max_length=500, required=False, widget=forms.PasswordInput)
    secret = forms.CharField(max_length=200, required=False, widget=forms.PasswordInput)
    without_secret = forms.BooleanField(required=False)

    field_order = ("name", "kind", "url", "secret", "without_secret", "centre")

    def __init__(self, user: Any, *given: Any, known: Channel | None = None, **more: Any) -> None:
        super().__init__(user, *given, **more)
        say = words()
        for name in ("name", "kind", "url", "secret", "without_secret"):
            self.fields[name].label = say(f"web.operations.channel.{name}")
        self.fields["url"].required = known is None
        self.fields["url"].help_text = say(
            "web.operations.channel.url_kept" if known else "web.operations.channel.url_help", host=known.host if known else ""
        )
        self.fields["secret"].help_text = say(
            "web.operations.channel.secret_kept" if known and known.secret else "web.operations.channel.secret_help"
        )
        self.fields["kind"].choices = [(code, say(f"web.operations.channel.kind_{code}")) for code in Channel.Kind.values]  # type: ignore[attr-defined]
        if known is None or not known.secret:
            del self.fields["without_secret"]

    @property
    def given_secret(self) -> str | None:
        """The secret to keep; None where it stays as it was."""
        return "" if self.cleaned_data.get("without_secret") else self.cleaned_data["secret"] or None


def channels_for(user: Any) -> list[Channel]:
    """Channels that `user` may use in rules."""
    mine = Q(centre__in=centres_to_set(user)) | Q(centre=None)
    return list(Channel.objects.filter(mine).select_related("centre"))


def _in_percent(metric: str, condition: str) -> bool:
    return condition == Rule.Condition.FELL or (metric in METRICS and METRICS[metric].unit == "share")
