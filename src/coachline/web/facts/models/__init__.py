"""Rows of this slice: files on their way into the lake, maps to read them by, and what is done about faults in the data."""

from coachline.web.facts.models.tickets import Event, Finding, Reading, Ticket
from coachline.web.facts.models.uploads import SavedMap, Upload

__all__ = ["Event", "Finding", "Reading", "SavedMap", "Ticket", "Upload"]
