from django.urls import path

from coachline.web.journal import views

app_name = "journal"
urlpatterns = [
    path("", views.listing, name="list"),
    path("<int:pk>/", views.detail, name="entry"),
    path("download/<str:kind>", views.download, name="download"),
]
