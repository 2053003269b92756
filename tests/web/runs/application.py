"""Settings of the application as worker processes of tests run it: with jobs that sleep, crash and chat."""

from coachline.web.config.settings import *  # noqa: F403
from coachline.web.config.settings import INSTALLED_APPS as _APPS

INSTALLED_APPS = ["tests.web.runs.jobs_of_tests.JobsOfTests", *_APPS]
RUN_ATTEMPTS = 2
