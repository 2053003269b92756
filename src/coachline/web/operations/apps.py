"""Running figures: daily report, intervals, passports, alerts."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    name = "coachline.web.operations"
    label = "operations"

    def ready(self) -> None:
        from coachline.web.base import navigation
        from coachline.web.operations import alert_job
        from coachline.web.operations.pages import PAGES
        from coachline.web.runs import jobs, pages

        pages.enter(*PAGES)
        jobs.register(alert_job.JOB)
        jobs.afterwards(alert_job.run_ended)
        navigation.enter(
            navigation.Item("daily", "operations:daily", "operations.view", "figures", 10),
            navigation.Item("service", "operations:service", "operations.view", "figures", 11),
            navigation.Item("intervals", "operations:intervals", "operations.view", "figures", 12),
            navigation.Item("alerts", "operations:alerts", "operations.view", "figures", 13),
        )
