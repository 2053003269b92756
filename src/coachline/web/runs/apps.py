from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "coachline.web.runs"
    label = "runs"

    def ready(self) -> None:
        from coachline.web.base import navigation
        from coachline.web.runs import analysis_job, calculation, jobs

        for job in (analysis_job.JOB, calculation.PAGE_JOB, calculation.EVERYTHING_JOB, calculation.REPORT_JOB):
            jobs.register(job)
        navigation.enter(navigation.Item("runs", "runs:list", "runs.view", "upkeep", 70))
