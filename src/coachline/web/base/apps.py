from django.apps import AppConfig


class BaseConfig(AppConfig):
    name = "coachline.web.base"
    label = "base"
