from django.urls import path

from coachline.web.operations import views

app_name = "operations"
urlpatterns = [
    path("", views.daily, name="daily"),
    path("service/", views.service, name="service"),
    path("intervals/", views.intervals, name="intervals"),
    path("passports/<str:metric>/", views.passport, name="passport"),
]
