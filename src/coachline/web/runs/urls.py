from django.urls import path
from django.views.generic import TemplateView

from coachline.web.runs import views

app_name = "runs"
urlpatterns = [
    path("", TemplateView.as_view(template_name="base/not_found.html"), name="list"),
    path("start-page", views.start_page, name="start-page"),
    path("page-state", views.page_state, name="page-state"),
    path("<uuid:pk>/", TemplateView.as_view(template_name="base/not_found.html"), name="detail"),
]
