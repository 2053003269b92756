from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "coachline.web.quality"
    label = "quality"

    def ready(self) -> None:
        from coachline.web.base import navigation
        from coachline.web.quality.pages import PAGES
        from coachline.web.runs import pages

        pages.enter(*PAGES)
        navigation.enter(
            navigation.Item("inspection", "quality:inspection", "quality.view", "inspection_group", 30),
            navigation.Item("mystery", "quality:mystery", "quality.view", "inspection_group", 31),
        )
