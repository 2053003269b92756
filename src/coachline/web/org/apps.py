from django.apps import AppConfig


class OrgConfig(AppConfig):
    name = "coachline.web.org"
    label = "org"
