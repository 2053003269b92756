"""The pages of inspection, each made of chapters of the report."""

from coachline.web.runs.pages import ResultPage

INSPECTION = ResultPage("quality.inspection", "quality.view", ("inspection",))
MYSTERY = ResultPage("quality.mystery", "quality.view", ("mystery",))
PAGES = (INSPECTION, MYSTERY)
