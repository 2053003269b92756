"""Addresses of signing in: those pages of the library that have a use here. Nobody registers, and nobody keeps several mail addresses."""

from allauth.account import views as account
from allauth.socialaccount import views as social
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path, re_path

from coachline.web.accounts import views

urlpatterns = [
    path("", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", views.by_mail(account.password_reset), name="account_reset_password"),
    path("password/reset/done/", views.by_mail(account.password_reset_done), name="account_reset_password_done"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        views.by_mail(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path("password/reset/key/done/", views.by_mail(account.password_reset_from_key_done), name="account_reset_password_from_key_done"),
    path("2fa/", include("allauth.mfa.urls")),
    path("company/cancelled/", login_not_required(social.login_cancelled), name="socialaccount_login_cancelled"),
    path("company/error/", login_not_required(social.login_error), name="socialaccount_login_error"),
    path("", include("allauth.socialaccount.providers.openid_connect.urls")),
]
