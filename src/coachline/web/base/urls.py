from django.urls import path

from coachline.web.base import views

urlpatterns = [
    path("language", views.language, name="language"),
    path("healthz", views.health, name="health"),
]
