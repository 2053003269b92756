from django.apps import AppConfig


class FactsConfig(AppConfig):
    name = "coachline.web.facts"
    label = "facts"
