"""The fact tables of a centre, one file per noun; this is their list.

To add a column, add one `Column` to its table; to add a table, declare it in a file of its own and name it here.
"""

from coachline.engine.tables.businesses import BUSINESSES
from coachline.engine.tables.calls import CALLS
from coachline.engine.tables.declaration import Column, FactTable, Limits, Rule
from coachline.engine.tables.enrolments import ENROLMENTS
from coachline.engine.tables.inspections import INSPECTION_ITEMS, INSPECTIONS
from coachline.engine.tables.mystery_calls import MYSTERY_CALLS
from coachline.engine.tables.people import AGENTS
from coachline.engine.tables.shifts import SHIFTS
from coachline.engine.tables.survey_answers import SURVEY_ANSWERS
from coachline.engine.tables.training import EXAMS, TRAININGS
from coachline.engine.tables.transcripts import TRANSCRIPTS
from coachline.engine.tables.wishes import WISHES

TABLES: dict[str, FactTable] = {
    table.name: table
    for table in (
        CALLS,
        AGENTS,
        BUSINESSES,
        INSPECTIONS,
        INSPECTION_ITEMS,
        TRAININGS,
        ENROLMENTS,
        EXAMS,
        SHIFTS,
        WISHES,
        TRANSCRIPTS,
        MYSTERY_CALLS,
        SURVEY_ANSWERS,
    )
}

__all__ = ["TABLES", "Column", "FactTable", "Limits", "Rule"]
