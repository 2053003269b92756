from django.urls import path
from django.views.generic import TemplateView

app_name = "accounts"
urlpatterns = [
    path("", TemplateView.as_view(template_name="base/not_found.html"), name="me"),
    path("permissions/", TemplateView.as_view(template_name="base/not_found.html"), name="matrix"),
]
