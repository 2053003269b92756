from django.apps import AppConfig


class JournalConfig(AppConfig):
    name = "coachline.web.journal"
    label = "journal"

    def ready(self) -> None:
        from coachline.web.base import navigation

        navigation.enter(navigation.Item("journal", "journal:list", "journal.read", "upkeep", 79))
