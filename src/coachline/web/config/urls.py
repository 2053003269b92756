"""Addresses: each slice under its own word."""

from django.urls import include, path

from coachline.web.api.application import api

api_urls = api.urls
# Who asks through the API shows a token; there is no page to sign in on.
for pattern in api_urls[0]:
    setattr(pattern.callback, "login_required", False)  # noqa: B010 - a mark that Django looks for on the function

urlpatterns = [
    path("", include("coachline.web.base.urls")),
    path("", include("coachline.web.home.urls")),
    path("operations/", include("coachline.web.operations.urls")),
    path("quality/", include("coachline.web.quality.urls")),
    path("capability/", include("coachline.web.capability.urls")),
    path("facts/", include("coachline.web.facts.urls")),
    path("runs/", include("coachline.web.runs.urls")),
    path("org/", include("coachline.web.org.urls")),
    path("api/v1/", api_urls),
    path("journal/", include("coachline.web.journal.urls")),
    path("me/", include("coachline.web.accounts.urls")),
    path("login/", include("coachline.web.accounts.login_urls")),
]

handler403 = "coachline.web.base.refusals.forbidden"
handler404 = "coachline.web.base.refusals.not_found"
