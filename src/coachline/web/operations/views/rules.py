"""Rules and channels, for those who answer for alerts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coachline.engine.operations.metrics import METRICS
from coachline.errors import CoachlineError
from coachline.web.accounts.permissions import require
from coachline.web.base.language import words
from coachline.web.operations import wording
from coachline.web.operations.actions import sending, setting
from coachline.web.operations.forms.rules import ChannelForm, RuleForm, channels_for
from coachline.web.operations.models import Channel, Rule
from coachline.web.operations.permissions import SET, centres_to_set, may_set, require_set
from coachline.web.operations.queries import alerts

UNITS = {code: metric.unit for code, metric in METRICS.items()}


@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """All rules and channels that touch the reader's centres."""
    require(request.user, SET)
    own = centres_to_set(request.user)
    say = words()
    everywhere = may_set(request.user, None)
    rules = [
        {
            "rule": rule,
            "watches": wording.condition(rule, say, UNITS),
            "mine": everywhere if rule.centre is None else rule.centre in own,
            "silent": [(centre, centre in rule.silent_in.all()) for centre in own] if rule.centre is None and not everywhere else [],
        }
        for rule in alerts.rules()
        if rule.centre is None or rule.centre in own
    ]
    channels = [{"channel": channel, "mine": everywhere if channel.centre is None else True} for channel in channels_for(request.user)]
    facts = {
        "rules": rules,
        "channels": channels,
        "mail_set_up": sending.mail_is_set_up(),
        "address_set": bool(settings.COACHLINE_ADDRESS),
        "several": len(own) > 1 or not everywhere,
    }
    return render(request, "operations/rules.html", facts)


@require_http_methods(["GET", "POST"])
def rule(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make or change a rule."""
    require(request.user, SET)
    known = get_object_or_404(Rule, pk=pk) if pk is not None else None
    if known is not None:
        require_set(request.user, known.centre)
    form = (
        RuleForm(request.user, request.POST)
        if request.method == "POST"
        else RuleForm(request.user, initial=RuleForm.initial_of(known) if known else None)
    )
    if request.method == "POST" and form.is_valid() and _done(form, lambda: setting.save_rule(form.wish(), by=request.user, rule=known)):
        messages.success(request, words()("web.operations.rules.saved"))
        return redirect("operations:rules")
    facts = {"form": form, "rule": known, "mail_set_up": sending.mail_is_set_up()}
    return render(request, "operations/rule.html", facts, status=422 if form.errors else 200)


@require_POST
def remove_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a rule; its alerts stay."""
    setting.remove_rule(get_object_or_404(Rule, pk=pk), by=request.user)
    messages.success(request, words()("web.operations.rules.removed"))
    return redirect("operations:rules")


@require_POST
def silence(request: HttpRequest, pk: int) -> HttpResponse:
    """Leave one centre out of a rule for all, or not any more."""
    require(request.user, SET)
    chosen = next((one for one in centres_to_set(request.user) if str(one.pk) == request.POST.get("centre")), None)
    if chosen is None:
        raise CoachlineError("not_there", what=request.POST.get("centre", ""))
    setting.silence(get_object_or_404(Rule, pk=pk), chosen, request.POST.get("quiet") == "1", by=request.user)
    return redirect("operations:rules")


@require_http_methods(["GET", "POST"])
def channel(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Make or change a channel."""
    require(request.user, SET)
    known = get_object_or_404(Channel, pk=pk) if pk is not None else None
    initial: dict[str, Any] = {}
    if known is not None:
        require_set(request.user, known.centre)
        initial = {"name": known.name, "kind": known.kind, "centre": "all" if known.centre_id is None else str(known.centre_id)}
    form = (
        ChannelForm(request.user, request.POST, known=known)
        if request.method == "POST"
        else ChannelForm(request.user, known=known, initial=initial)
    )
    if request.method == "POST" and form.is_valid() and _done(form, lambda: _save(request, form, known)):
        messages.success(request, words()("web.operations.channels.saved"))
        return redirect("operations:rules")
    return render(request, "operations/channel.html", {"form": form, "channel": known}, status=422 if form.errors else 200)


def _save(request: HttpRequest, form: ChannelForm, known: Channel | None) -> None:
    given = form.cleaned_data
    setting.save_channel(
        given["name"], given["kind"], given["url"], form.given_secret, by=request.user, centre=form.chosen_centre(), channel=known
    )


@require_POST
def remove_channel(request: HttpRequest, pk: int) -> HttpResponse:
    """Remove a channel."""
    setting.remove_channel(get_object_or_404(Channel, pk=pk), by=request.user)
    messages.success(request, words()("web.operations.channels.removed"))
    return redirect("operations:rules")


@require_POST
def test_channel(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a test message now, and say whether it arrived."""
    known = get_object_or_404(Channel, pk=pk)
    say = words()
    try:
        sending.send_test(known, by=request.user)
    except CoachlineError as error:
        messages.error(request, say(f"error.{error.code}", **error.facts))
    else:
        messages.success(request, say("web.operations.channels.tested", name=known.name))
    return redirect("operations:rules")


def _done(form: RuleForm | ChannelForm, act: Callable[[], object]) -> bool:
    """Do it; what is refused stands above the form."""
    try:
        act()
    except CoachlineError as error:
        form.add_error(None, words()(f"error.{error.code}", **error.facts))
        return False
    return True
