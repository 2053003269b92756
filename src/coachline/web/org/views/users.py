"""Users: who may sign in, and what they may do."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from coachline.web.accounts.models import User
from coachline.web.accounts.permissions import require
from coachline.web.accounts.roles import ROLES
from coachline.web.base.language import words
from coachline.web.base.paging import page_of
from coachline.web.org import actions
from coachline.web.org.forms import GrantForm, LinkForm, NewUserForm
from coachline.web.org.models import Grant
from coachline.web.org.permissions import require_everything, require_scope, scope_of
from coachline.web.org.queries import USER_STATES, UserFilter, centres, users, users_listed

VIEW = "accounts.view"
MANAGE = "accounts.manage"


@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Users, narrowed and searched."""
    require_scope(request.user, VIEW)
    chosen = UserFilter.of(request.GET)
    facts = {
        "page": page_of(users_listed(request.user, chosen), request),
        "chosen": chosen,
        "states": USER_STATES,
        "roles": list(ROLES),
        "centres": list(centres(request.user, VIEW)),
    }
    return render(request, "org/users.html", facts)


@require_GET
def user(request: HttpRequest, pk: int) -> HttpResponse:
    """One user: roles, agent, and how they sign in."""
    return _page(request, pk)


def _page(request: HttpRequest, pk: int, *, grant: GrantForm | None = None, link: LinkForm | None = None) -> HttpResponse:
    require_scope(request.user, VIEW)
    found = get_object_or_404(users_listed(request.user, UserFilter(state="all")), pk=pk)
    facts: dict[str, Any] = {
        "shown": found,
        "tokens": found.tokens.filter(revoked_at=None, expires_at__gt=timezone.now()).count(),
        "itself": found.pk == request.user.pk,
    }
    if scope_of(request.user, MANAGE).everything:
        facts |= {"grant": grant or GrantForm(), "link": link or LinkForm()}
    return render(request, "org/user.html", facts, status=422 if grant or link else 200)


@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make a user; the password is shown this once."""
    require_everything(request.user, MANAGE)
    form = NewUserForm(request.POST or None)
    if not form.is_valid():
        return render(request, "org/new_user.html", {"form": form}, status=422 if form.is_bound else 200)
    given = form.cleaned_data
    made = actions.create_user(
        given["username"],
        given["name"],
        email=given["email"],
        role=given["role"],
        centre=given["centre"],
        team=given["team"],
        agent=given["agent"],
        by=request.user,
    )
    return render(request, "org/password_shown.html", {"shown": made.user, "password": made.password, "new": True})


@require_POST
def give(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a role."""
    found = _of(request, pk)
    form = GrantForm(request.POST)
    if not form.is_valid():
        return _page(request, pk, grant=form)
    given = form.cleaned_data
    actions.give(found, given["role"], given["centre"], given["team"], by=request.user)
    return _done(request, found, words()("web.org.given", role=words()(f"role.{given['role']}")))


@require_POST
def take(request: HttpRequest, pk: int, grant: int) -> HttpResponse:
    """Take a role."""
    found = _of(request, pk)
    held = get_object_or_404(Grant, pk=grant, user=found)
    role = words()(f"role.{held.role}")
    actions.take(held, by=request.user)
    return _done(request, found, words()("web.org.taken", role=role))


@require_POST
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """End the access."""
    found = _of(request, pk)
    actions.deactivate(found, by=request.user, reason=request.POST.get("reason", ""))
    return _done(request, found, words()("web.org.deactivated"))


@require_POST
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the access back."""
    found = _of(request, pk)
    actions.activate(found, by=request.user, reason=request.POST.get("reason", ""))
    return _done(request, found, words()("web.org.activated"))


@never_cache
@require_POST
def password(request: HttpRequest, pk: int) -> HttpResponse:
    """A new password, shown this once."""
    found = _of(request, pk)
    fresh = actions.reset_password(found, by=request.user)
    return render(request, "org/password_shown.html", {"shown": found, "password": fresh, "new": False})


@require_POST
def second_factor(request: HttpRequest, pk: int) -> HttpResponse:
    """Let somebody sign in by password alone."""
    found = _of(request, pk)
    actions.reset_second_factor(found, by=request.user)
    return _done(request, found, words()("web.org.second_factor_reset"))


@require_POST
def link(request: HttpRequest, pk: int) -> HttpResponse:
    """Say which agent a user is."""
    found = _of(request, pk)
    form = LinkForm(request.POST)
    if not form.is_valid():
        return _page(request, pk, link=form)
    actions.link_agent(found, form.cleaned_data["agent"], by=request.user)
    return _done(request, found, words()("web.org.linked", agent=str(form.cleaned_data["agent"])))


@require_POST
def unlink(request: HttpRequest, pk: int) -> HttpResponse:
    """Say that a user is no agent."""
    found = _of(request, pk)
    actions.unlink_agent(found, by=request.user)
    return _done(request, found, words()("web.org.unlinked"))


def _of(request: HttpRequest, pk: int) -> User:
    require(request.user, MANAGE)
    return get_object_or_404(users(request.user), pk=pk)


def _done(request: HttpRequest, found: User, message: str) -> HttpResponse:
    messages.success(request, message)
    return redirect("org:user", found.pk)
