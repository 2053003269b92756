from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "coachline.web.operations"
    label = "operations"
