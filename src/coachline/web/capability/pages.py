"""The pages of capability, each with the chapters of the report that say what must be calculated for it."""

from coachline.web.capability.permissions import VIEW
from coachline.web.runs.pages import ResultPage

MATRIX = ResultPage("capability.matrix", VIEW, ("matrix",))
AGENTS = ResultPage("capability.agents", VIEW, ("agents",))
BUSINESSES = ResultPage("capability.businesses", VIEW, ("businesses",))
WEAK = ResultPage("capability.weak", VIEW, ("weak_cells",))
CORRELATION = ResultPage("capability.correlation", VIEW, ("service_quality",))
TREND = ResultPage("capability.trend", VIEW, ("capability_trend",))
PAGES = (MATRIX, AGENTS, BUSINESSES, WEAK, CORRELATION, TREND)
