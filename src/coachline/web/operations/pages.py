"""The pages of running figures, each made of chapters of the report."""

from coachline.web.runs.pages import ResultPage

DAILY = ResultPage("operations.daily", "operations.view", ("overview", "causes", "daily"))
SERVICE = ResultPage("operations.service", "operations.view", ("service", "satisfaction", "resolution", "handling", "outbound", "hours"))
INTERVALS = ResultPage("operations.intervals", "operations.view", ("intervals",))
PAGES = (DAILY, SERVICE, INTERVALS)
