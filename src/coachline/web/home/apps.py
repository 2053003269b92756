from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "coachline.web.home"
    label = "home"
