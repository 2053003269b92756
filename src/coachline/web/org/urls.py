from django.urls import path

from coachline.web.org.views import import_users, organisation, users

app_name = "org"
urlpatterns = [
    path("", organisation.organisation, name="list"),
    path("sync/", organisation.sync, name="sync"),
    path("agents/", organisation.listing, name="agents"),
    path("agents/<int:pk>/", organisation.agent, name="agent"),
    path("users/", users.listing, name="users"),
    path("users/new/", users.new, name="new_user"),
    path("users/import/", import_users.upload, name="import_users"),
    path("users/import/confirm/", import_users.confirm, name="confirm_import"),
    path("users/import/sample/<str:kind>", import_users.sample, name="import_sample"),
    path("users/<int:pk>/", users.user, name="user"),
    path("users/<int:pk>/give/", users.give, name="give"),
    path("users/<int:pk>/take/<int:grant>/", users.take, name="take"),
    path("users/<int:pk>/close/", users.close, name="deactivate"),
    path("users/<int:pk>/open/", users.reopen, name="activate"),
    path("users/<int:pk>/password/", users.password, name="reset_password"),
    path("users/<int:pk>/second-factor/", users.second_factor, name="reset_second_factor"),
    path("users/<int:pk>/link/", users.link, name="link_agent"),
    path("users/<int:pk>/unlink/", users.unlink, name="unlink_agent"),
]
