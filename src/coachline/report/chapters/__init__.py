"""The chapters of the report in reading order: one file each; a long one has a file for each of its parts.

To add a chapter, write a file with a `CHAPTER`, name it here, and word ``report.chapter.<code>`` in both languages. The last three
chapters speak about the others, so they stay last.
"""

from coachline.report.chapter import Chapter
from coachline.report.chapters import (
    agent_pages,
    business_pages,
    causes,
    daily,
    handling,
    hours,
    inspection,
    intervals,
    left_out,
    matrix,
    mystery,
    newcomers,
    outbound,
    overview,
    passports,
    provenance,
    resolution,
    satisfaction,
    service,
    service_quality,
    staffing,
    training,
    trend,
    trust,
    weak_cells,
)

CHAPTERS: tuple[Chapter, ...] = (
    overview.CHAPTER,
    daily.CHAPTER,
    causes.CHAPTER,
    service.CHAPTER,
    intervals.CHAPTER,
    satisfaction.CHAPTER,
    resolution.CHAPTER,
    matrix.CHAPTER,
    weak_cells.CHAPTER,
    agent_pages.CHAPTER,
    business_pages.CHAPTER,
    trend.CHAPTER,
    service_quality.CHAPTER,
    inspection.CHAPTER,
    mystery.CHAPTER,
    training.CHAPTER,
    newcomers.CHAPTER,
    staffing.CHAPTER,
    handling.CHAPTER,
    outbound.CHAPTER,
    hours.CHAPTER,
    trust.CHAPTER,
    passports.CHAPTER,
    left_out.CHAPTER,
    provenance.CHAPTER,
)
