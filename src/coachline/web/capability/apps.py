from django.apps import AppConfig


class CapabilityConfig(AppConfig):
    name = "coachline.web.capability"
    label = "capability"
