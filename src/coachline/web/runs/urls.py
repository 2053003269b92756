from django.urls import path

from coachline.web.runs import views

app_name = "runs"
urlpatterns = [
    path("", views.list_runs, name="list"),
    path("timetable/", views.schedule, name="timetable"),
    path("start-everything", views.start_everything, name="start-everything"),
    path("start-page", views.start_page, name="start-page"),
    path("page-state", views.page_state, name="page-state"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/cancel", views.cancel, name="cancel"),
]
