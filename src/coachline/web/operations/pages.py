"""The pages of running figures, each made of chapters of the report."""

from coachline.web.runs.pages import ResultPage

USUAL = ("yesterday", "last_7_days", "this_month", "last_month")
"""What is asked for each morning is there already."""
DAILY = ResultPage("operations.daily", "operations.view", ("overview", "causes", "daily"), spans=USUAL, tells_last_day=True)
SERVICE = ResultPage("operations.service", "operations.view", ("service", "satisfaction", "resolution", "handling", "outbound", "hours"))
INTERVALS = ResultPage("operations.intervals", "operations.view", ("intervals",))
PAGES = (DAILY, SERVICE, INTERVALS)
