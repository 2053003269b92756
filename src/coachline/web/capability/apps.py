from django.apps import AppConfig


class CapabilityConfig(AppConfig):
    name = "coachline.web.capability"
    label = "capability"

    def ready(self) -> None:
        from coachline.web.base.navigation import Item, enter
        from coachline.web.capability.pages import PAGES
        from coachline.web.capability.permissions import VIEW, only_self, sees_others
        from coachline.web.runs import pages

        pages.enter(*PAGES)
        enter(
            *(
                Item(code, f"capability:{code}", VIEW, "people", 20 + place, sees_others)
                for place, code in enumerate(("matrix", "agents", "businesses", "weak", "correlation"))
            ),
            Item("my_capability", "capability:mine", VIEW, "people", 20, only_self),
        )
