"""One's own account, and the page that says who may do what."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import reauthentication_required
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coachline.web.accounts import actions
from coachline.web.accounts.forms import ProfileForm, TokenForm
from coachline.web.accounts.models import Token
from coachline.web.accounts.permissions import require
from coachline.web.accounts.queries import duties, own_verbs, tokens_of
from coachline.web.accounts.roles import ROLES
from coachline.web.base.downloads import rows_download
from coachline.web.base.language import words
from coachline.web.base.paging import page_of

View = Callable[..., HttpResponse]
MATRIX = "accounts.matrix"


def by_mail(view: View) -> View:
    """`view` only where mail can be sent; elsewhere passwords are reset by an administrator."""

    @login_not_required
    @wraps(view)
    def only_with_mail(request: HttpRequest, *given: Any, **more: Any) -> HttpResponse:
        if not settings.EMAIL_HOST:
            raise Http404
        return view(request, *given, **more)

    return only_with_mail


@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """Who one is here, what one may do, and how one signs in."""
    return _me(request, None)


def _me(request: HttpRequest, form: ProfileForm | None) -> HttpResponse:
    user: Any = request.user
    facts = {
        "form": form or ProfileForm(initial={"name": user.name, "email": user.email}),
        "grants": user.grants.select_related("centre", "team__centre"),
        "agent": getattr(user, "agent", None),
        "own": own_verbs(user),
        "second_factor": is_mfa_enabled(user),
        "tokens": tokens_of(user).filter(revoked_at=None, expires_at__gt=timezone.now()).count(),
    }
    return render(request, "accounts/me.html", facts, status=422 if form else 200)


@require_POST
def profile(request: HttpRequest) -> HttpResponse:
    """Change one's own name and address."""
    user: Any = request.user
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return _me(request, form)
    actions.change_profile(user, name=form.cleaned_data["name"], email=form.cleaned_data["email"], by=user)
    messages.success(request, words()("web.accounts.me.saved"))
    return redirect("accounts:me")


@require_GET
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own keys to the API."""
    user: Any = request.user
    require(user, actions.TOKENS)
    page = page_of(tokens_of(user), request)
    return render(request, "accounts/tokens.html", {"page": page, "now": timezone.now()})


@never_cache
@require_http_methods(["GET", "POST"])
@reauthentication_required  # type: ignore[untyped-decorator]
def make(request: HttpRequest) -> HttpResponse:
    """Make a token; its secret is shown this once."""
    user: Any = request.user
    require(user, actions.TOKENS)
    form = TokenForm(user, request.POST or None)
    if not form.is_valid():
        return render(request, "accounts/make_token.html", {"form": form}, status=422 if form.is_bound else 200)
    chosen = form.cleaned_data
    token, secret = actions.make_token(user, chosen["name"], chosen["verbs"], chosen["days"], by=user)
    return render(request, "accounts/token_made.html", {"token": token, "secret": secret})


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """End one of one's own tokens."""
    user: Any = request.user
    actions.revoke_token(get_object_or_404(Token, pk=pk, user=user), by=user)
    messages.success(request, words()("web.accounts.tokens.revoked"))
    return redirect("accounts:tokens")


@require_GET
def matrix(request: HttpRequest) -> HttpResponse:
    """Who may do what, and what nobody answers for."""
    require(request.user, MATRIX)
    rows = duties()
    facts = {
        "roles": list(ROLES),
        "duties": rows,
        "unheld": [row for row in rows if row.unheld],
        "shared": [row for row in rows if row.shared],
        "own": {grant.role for grant in request.user.grants.all()},  # type: ignore[union-attr]
    }
    return render(request, "accounts/matrix.html", facts)


@require_GET
def matrix_download(request: HttpRequest, kind: str) -> HttpResponse:
    """The same as a table."""
    require(request.user, MATRIX)
    say = words()
    headers = [
        say("web.accounts.matrix.duty"),
        *(say(f"role.{role}") for role in ROLES),
        say("web.accounts.matrix.people"),
        say("web.accounts.matrix.unheld"),
        say("web.accounts.matrix.shared"),
    ]
    rows = [
        [
            say(f"verb.{duty.verb.code}"),
            *(say(f"reach.{cell}") if cell else "" for cell in duty.cells),
            duty.people,
            say("web.base.yes" if duty.unheld else "web.base.no"),
            say("web.base.yes" if duty.shared else "web.base.no"),
        ]
        for duty in duties()
    ]
    return rows_download(headers, rows, say("web.menu.permissions"), kind)
