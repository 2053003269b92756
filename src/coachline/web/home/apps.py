from django.apps import AppConfig


class HomeConfig(AppConfig):
    name = "coachline.web.home"
    label = "home"

    def ready(self) -> None:
        from coachline.web.base import navigation

        navigation.enter(
            navigation.Item("home", "home", "", "today", 1),
            navigation.Item("analyses", "analyses:list", "runs.view", "data", 49),
        )
