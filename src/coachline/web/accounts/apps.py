from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "coachline.web.accounts"
    label = "accounts"

    def ready(self) -> None:
        from coachline.web.accounts import signals  # noqa: F401 - connects them
        from coachline.web.base import navigation

        navigation.enter(navigation.Item("permissions", "accounts:matrix", "", "upkeep", 73))
