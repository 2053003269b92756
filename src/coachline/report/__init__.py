"""From results to one page and one workbook, in the reader's language.

The engine speaks codes; here, and in page templates, they become Chinese or English sentences.
"""

from coachline.report.chapter import KnownFacts, LeftOut, Run
from coachline.report.writer import ReportFiles, write_report

__all__ = ["KnownFacts", "LeftOut", "ReportFiles", "Run", "write_report"]
