"""The API as a whole. Each slice has its routes in ``<slice>/api.py``; they call the same queries and actions as its pages."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.operation import Operation
from ninja.security import HttpBearer

from coachline.errors import CoachlineError
from coachline.web.accounts.actions import user_of_token
from coachline.web.accounts.api import router as me
from coachline.web.base.language import words
from coachline.web.base.refusals import BUSY, NOT_FOUND, NoPermission
from coachline.web.capability.api import router as capability
from coachline.web.facts.api import router as facts
from coachline.web.home.api import router as analyses
from coachline.web.journal.api import router as journal
from coachline.web.operations.api import router as operations
from coachline.web.org.api import router as org
from coachline.web.runs.api import router as runs

VERSION = "1"


class TokenAuth(HttpBearer):
    """``Authorization: Bearer <token>``; the request is then the user's, narrowed to what the token may do."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        user = user_of_token(token)
        if user is not None:
            request.user = user
        return user


class Application(NinjaAPI):
    """Names operations by slice and function, so that programs made from the description keep their names when a file is moved."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        slice_name = operation.view_func.__module__.split(".")[2]
        return f"{slice_name}_{operation.view_func.__name__}"


api = Application(title="Coachline", version=VERSION, auth=TokenAuth(), urls_namespace="api", docs_url=None, openapi_url="/openapi.json")
api.add_router("/me", me, tags=["accounts"])
api.add_router("/org", org, tags=["org"])
api.add_router("/facts", facts, tags=["facts"])
api.add_router("/operations", operations, tags=["operations"])
api.add_router("/capability", capability, tags=["capability"])
api.add_router("/analyses", analyses, tags=["analyses"])
api.add_router("/runs", runs, tags=["runs"])
api.add_router("/journal", journal, tags=["journal"])


def _refused(request: HttpRequest, code: str, message: str, status: int) -> HttpResponse:
    return api.create_response(request, {"code": code, "message": message}, status=status)


@api.exception_handler(CoachlineError)
def _coachline_error(request: HttpRequest, error: CoachlineError) -> HttpResponse:
    status = 404 if error.code in NOT_FOUND else 503 if error.code in BUSY else 422
    return _refused(request, error.code, words()(f"error.{error.code}", **error.facts), status)


@api.exception_handler(PermissionDenied)
def _no_permission(request: HttpRequest, error: PermissionDenied) -> HttpResponse:
    say = words()
    verb = say(f"verb.{error.verb}") if isinstance(error, NoPermission) else "-"
    return _refused(request, "no_permission", say("web.base.api_no_permission", verb=verb), 403)


@api.exception_handler(AuthenticationError)
def _no_token(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    response = _refused(request, "no_token", words()("web.api.no_token"), 401)
    response.headers["WWW-Authenticate"] = "Bearer"
    return response


@api.exception_handler(Http404)
def _not_found(request: HttpRequest, error: Http404) -> HttpResponse:
    return _refused(request, "not_found", words()("web.base.api_not_found"), 404)


@api.exception_handler(ValidationError)
def _unfit(request: HttpRequest, error: ValidationError) -> HttpResponse:
    wrong = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors)
    return _refused(request, "request_unfit", words()("web.api.unfit", wrong=wrong), 422)


@api.exception_handler(HttpError)
def _unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    """What the library refuses before it looks at a field: a body that is no JSON, a file that breaks off."""
    return _refused(request, "request_unfit", words()("web.api.unreadable"), 422 if error.status_code == 400 else error.status_code)
