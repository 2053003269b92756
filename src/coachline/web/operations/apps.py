from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "coachline.web.operations"
    label = "operations"

    def ready(self) -> None:
        from coachline.web.base import navigation
        from coachline.web.operations.pages import PAGES
        from coachline.web.runs import pages

        pages.enter(*PAGES)
        navigation.enter(
            navigation.Item("daily", "operations:daily", "operations.view", "figures", 10),
            navigation.Item("service", "operations:service", "operations.view", "figures", 11),
            navigation.Item("intervals", "operations:intervals", "operations.view", "figures", 12),
        )
