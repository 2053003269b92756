"""Which weeks are compared: the weeks of choice, a base before them, and the weeks after."""

from __future__ import annotations

from dataclasses import dataclass

from coachline.engine.training.effect_files import EffectFile


@dataclass(frozen=True)
class Windows:
    """Weeks of one file, cut to those in which there are data.

    Attributes
    ----------
    chosen : range
        By the results of which people may have been chosen; the naive comparison starts here.
    base : range
        Before them.
    before : range
        `base` and `chosen` together, up to the decision: what is known of everybody on a list.
    after : range
        Once all have started.
    """

    chosen: range
    base: range
    before: range
    after: range


@dataclass(frozen=True)
class WindowRule:
    """Lengths in weeks.

    Attributes
    ----------
    weeks : int
        Of `Windows.base` and `Windows.after`, at most.
    fewest : int
        What either must have at least.
    selection : int
        Of the weeks by which people are chosen.
    lead : int
        From choice to start, where the day of the choice is not known.
    """

    weeks: int = 6
    fewest: int = 2
    selection: int = 4
    lead: int = 2

    def of(self, file: EffectFile, first_week: int, last_week: int) -> Windows:
        """The windows of a file that has started.

        Parameters
        ----------
        file : EffectFile
        first_week, last_week : int
            In which there are data.
        """
        assert file.first_week is not None
        assert file.last_week is not None
        # The week of the decision may still have been looked at; the one of the start is neither before nor after.
        decided = file.decided_week if file.decided_week is not None else file.first_week - 1
        end = min(decided, file.first_week - 1)
        start = end + 1 - self.selection - (0 if file.decided_week is not None else self.lead)

        def cut(begin: int, stop: int) -> range:
            begin = max(begin, first_week)
            return range(begin, max(min(stop, last_week + 1), begin))

        return Windows(
            chosen=cut(start, end + 1),
            base=cut(start - self.weeks, start),
            before=cut(start - self.weeks, end + 1),
            after=cut(file.last_week + 1, file.last_week + 1 + self.weeks),
        )
