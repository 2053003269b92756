from django.urls import path

from coachline.web.accounts import views

app_name = "accounts"
urlpatterns = [
    path("", views.me, name="me"),
    path("profile/", views.profile, name="profile"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/make/", views.make, name="make_token"),
    path("tokens/<int:pk>/revoke/", views.revoke, name="revoke_token"),
    path("permissions/", views.matrix, name="matrix"),
    path("permissions/download/<str:kind>", views.matrix_download, name="matrix_download"),
]
