from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "coachline.web.journal"
    label = "journal"
