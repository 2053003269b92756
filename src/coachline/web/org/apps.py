from django.apps import AppConfig


class OrgConfig(AppConfig):
    name = "coachline.web.org"
    label = "org"

    def ready(self) -> None:
        from coachline.web.base.navigation import Item, enter

        enter(
            Item("users", "org:users", "accounts.view", "upkeep", 71),
            Item("organisation", "org:list", "org.view", "upkeep", 72),
        )
