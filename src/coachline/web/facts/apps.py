from django.apps import AppConfig


class FactsConfig(AppConfig):
    name = "coachline.web.facts"
    label = "facts"

    def ready(self) -> None:
        from coachline.web.base import navigation
        from coachline.web.facts import following, import_jobs
        from coachline.web.runs import jobs, pages

        jobs.register(import_jobs.CHECK_JOB)
        jobs.register(import_jobs.LOAD_JOB)
        jobs.afterwards(following.run_ended)
        pages.enter(pages.ResultPage("facts.quality", "facts.quality", ("trust",)))
        navigation.enter(
            navigation.Item("upload", "facts:upload", "facts.upload", "data", 40),
            navigation.Item("calls", "facts:calls", "facts.browse", "data", 41),
            navigation.Item("desk", "facts:quality", "facts.quality", "data", 42),
        )
