from django.urls import path
from django.views.generic import TemplateView

urlpatterns = [
    path("", TemplateView.as_view(template_name="base/not_found.html"), name="home"),
    path("bell", TemplateView.as_view(template_name="base/messages.html"), name="bell"),
]
