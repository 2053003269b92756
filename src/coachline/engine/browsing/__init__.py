"""Rows of fact tables page by page: found where they lie, however many there are, and never a customer's number or its whole hash."""

from coachline.engine.browsing.calls import Count, calls_count, calls_page
from coachline.engine.browsing.filters import CallFilters
from coachline.engine.browsing.pages import Page
from coachline.engine.browsing.place import Place
from coachline.engine.browsing.single_call import OneCall, one_call
from coachline.engine.browsing.tables import table_page

__all__ = ["CallFilters", "Count", "OneCall", "Page", "Place", "calls_count", "calls_page", "one_call", "table_page"]
