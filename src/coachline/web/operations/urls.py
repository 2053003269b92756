from django.urls import path

from coachline.web.operations.views import alerts, figures, passports, rules

app_name = "operations"
urlpatterns = [
    path("", figures.daily, name="daily"),
    path("download.<str:kind>", figures.daily_download, name="daily-download"),
    path("service/", figures.service, name="service"),
    path("intervals/", figures.intervals, name="intervals"),
    path("intervals/calculate", figures.calculate_intervals, name="intervals-calculate"),
    path("passports/<str:metric>/", passports.passport, name="passport"),
    path("alerts/", alerts.listed, name="alerts"),
    path("alerts/seen", alerts.see_all, name="alerts-seen"),
    path("alerts/<int:pk>/", alerts.alert, name="alert"),
    path("alerts/<int:pk>/seen", alerts.see, name="alert-seen"),
    path("alerts/rules/", rules.listed, name="rules"),
    path("alerts/rules/new/", rules.rule, name="rule-new"),
    path("alerts/rules/<int:pk>/", rules.rule, name="rule"),
    path("alerts/rules/<int:pk>/remove", rules.remove_rule, name="rule-remove"),
    path("alerts/rules/<int:pk>/silence", rules.silence, name="rule-silence"),
    path("alerts/channels/new/", rules.channel, name="channel-new"),
    path("alerts/channels/<int:pk>/", rules.channel, name="channel"),
    path("alerts/channels/<int:pk>/remove", rules.remove_channel, name="channel-remove"),
    path("alerts/channels/<int:pk>/test", rules.test_channel, name="channel-test"),
]
