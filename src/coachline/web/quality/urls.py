from django.urls import path

from coachline.web.quality import views

app_name = "quality"
urlpatterns = [
    path("", views.inspection, name="inspection"),
    path("mystery/", views.mystery, name="mystery"),
]
