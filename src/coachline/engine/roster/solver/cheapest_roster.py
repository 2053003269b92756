"""The cheapest roster of one person at given prices: a shortest path over the days, compiled.

Dynamic programming over the days; a state says how long the run of work or rest is, the last shift, the minutes of the accounting period, the weekends
worked, and the shifts of each limited class. Classes are counted only where they must be (state-space relaxation, Righini & Salani 2008, *Networks*
51, 155-170): see `pricing`.
"""

# Numba finds the types of compiled functions where they are called.
# mypy: allow-untyped-defs, allow-untyped-decorators

from __future__ import annotations

import numpy as np
from numba import njit

INFINITE = np.inf


@njit(cache=True, nogil=True)
def cheapest_roster(
    value, off_value, units, group_of, group_start, group_members, weekend, period, least, most, longest_run, shortest_run, shortest_rest,
    most_weekends, masks, limits, run_before, shift_before, follows,
):  # fmt: skip
    """One person's cheapest roster.

    Parameters
    ----------
    value : (days, shifts) float array
        Infinite where a shift is not allowed.
    off_value : (days,) float array
    units : (shifts,) int array
        Minutes in the greatest unit that divides all.
    group_of : (shifts,) int array
        Shifts that may follow the same shifts form a group; its predecessors are ``group_members[group_start[g]:group_start[g + 1]]``.
    weekend, period : (days,) int array
    least, most : (periods,) int array
        In units.
    longest_run, shortest_run, shortest_rest, most_weekends : int
    masks : (days, shifts) int array
        Bit k set where the shift counts for the k-th counted class.
    limits : (classes,) int array
    run_before, shift_before : int
    follows : (shifts, shifts) bool array

    Returns
    -------
    cost : float
        Infinite where the rules leave no roster.
    shift : (days,) int array
        -1 for a day off.
    """
    days, shifts = value.shape
    runs, rests, weekends = longest_run, max(shortest_rest, 1), most_weekends + 1
    units_kept = most.max() + 1
    classes = len(limits)
    counts = 1
    for k in range(classes):
        counts *= limits[k] + 1
    after = np.full((1 << classes, counts), -1, np.int32)
    for mask in range(1 << classes):
        for c in range(counts):
            radix, rest, counted_after, fits = 1, c, c, True
            for k in range(classes):
                digit = rest % (limits[k] + 1)
                rest //= limits[k] + 1
                if mask >> k & 1:
                    fits = fits and digit < limits[k]
                    counted_after += radix
                radix *= limits[k] + 1
            if fits:
                after[mask, c] = counted_after
    work_nodes = shifts * runs
    nodes = work_nodes + rests
    width = weekends * counts
    size = units_kept * width
    cost = np.full((nodes, size), INFINITE)
    came = np.full((days, nodes, size), -1, np.int16)
    periods = len(least)
    reset = np.full((periods, nodes, width), -1, np.int32)
    groups = len(group_start) - 1
    answer = np.full(days, -1, np.int64)
    longest_unit = units.max()
    # The first day.
    for s in range(shifts):
        if value[0, s] == INFINITE or units[s] > most[period[0]]:
            continue
        run = 1
        if run_before > 0:
            run = run_before + 1
            if shift_before >= 0 and not follows[shift_before, s]:
                continue
        elif run_before < 0 and -run_before < rests:
            continue
        weekend_worked = 1 if weekend[0] >= 0 else 0
        c = after[masks[0, s], 0]
        if run > runs or weekend_worked >= weekends or c < 0:
            continue
        cost[s * runs + run - 1, units[s] * width + weekend_worked * counts + c] = value[0, s]
    if off_value[0] < INFINITE and not 0 < run_before < shortest_run:
        rest_now = 1 if run_before >= 0 else min(1 - run_before, rests)
        cost[work_nodes + rest_now - 1, 0] = off_value[0]
    new = np.empty((nodes, size))
    from_off = np.empty(size)
    from_off_node = np.empty(size, np.int16)
    from_group = np.empty((groups, size))
    from_group_node = np.empty((groups, size), np.int16)
    for d in range(1, days):
        if period[d] != period[d - 1]:
            _close_period(cost, reset[period[d - 1]], least[period[d - 1]], most[period[d - 1]], width)
        # Hours that can be there on the evening before, and from which the least can still be reached.
        since, left = 0, 1
        while since < d and period[d - 1 - since] == period[d]:
            since += 1
        while d + left < days and period[d + left] == period[d]:
            left += 1
        low = max(0, least[period[d]] - left * longest_unit)
        high = min(most[period[d]], since * longest_unit)
        begin, end = low * width, (high + 1) * width
        top = most[period[d]]
        new[:] = INFINITE
        back = came[d]
        from_off[begin:end] = INFINITE
        for o in range(rests):
            # A rest that began with the horizon, nobody knows when, may be short.
            if o + 1 >= rests or (run_before == 0 and o == d - 1):
                row = cost[work_nodes + o]
                for x in range(begin, end):
                    if row[x] < from_off[x]:
                        from_off[x] = row[x]
                        from_off_node[x] = work_nodes + o
        same_weekend = weekend[d] >= 0 and weekend[d] == weekend[d - 1]
        for run in range(1, runs + 1):
            if run > 1:
                from_group[:, begin:end] = INFINITE
                for g in range(groups):
                    for i in range(group_start[g], group_start[g + 1]):
                        node = group_members[i] * runs + run - 2
                        row = cost[node]
                        for x in range(begin, end):
                            if row[x] < from_group[g, x]:
                                from_group[g, x] = row[x]
                                from_group_node[g, x] = node
            more_weekend = 1 if weekend[d] >= 0 and not (same_weekend and run > 1) else 0
            for s in range(shifts):
                gain = value[d, s]
                if gain == INFINITE:
                    continue
                source = from_off if run == 1 else from_group[group_of[s]]
                source_node = from_off_node if run == 1 else from_group_node[group_of[s]]
                node = s * runs + run - 1
                mask = masks[d, s]
                for m in range(low, min(high, top - units[s]) + 1):
                    for w in range(weekends - more_weekend):
                        x = m * width + w * counts
                        y = (m + units[s]) * width + (w + more_weekend) * counts
                        for c in range(counts):
                            known = source[x + c]
                            if known < INFINITE:
                                to = after[mask, c]
                                if to >= 0 and known + gain < new[node, y + to]:
                                    new[node, y + to] = known + gain
                                    back[node, y + to] = source_node[x + c]
        if off_value[d] < INFINITE:
            first = new[work_nodes]
            for s in range(shifts):
                for run in range(1, runs + 1):
                    if run >= shortest_run or (run_before == 0 and run == d):
                        node = s * runs + run - 1
                        row = cost[node]
                        for x in range(begin, end):
                            if row[x] + off_value[d] < first[x]:
                                first[x] = row[x] + off_value[d]
                                back[work_nodes, x] = node
            for o in range(rests):
                to = min(o + 1, rests - 1)
                row = cost[work_nodes + o]
                for x in range(begin, end):
                    if row[x] + off_value[d] < new[work_nodes + to, x]:
                        new[work_nodes + to, x] = row[x] + off_value[d]
                        back[work_nodes + to, x] = work_nodes + o
        cost, new = new, cost
    # The cheapest end that holds the hours, and the way back.
    best, node, at = INFINITE, -1, -1
    last = period[days - 1]
    for n in range(nodes):
        for x in range(least[last] * width, (most[last] + 1) * width):
            if cost[n, x] < best:
                best, node, at = cost[n, x], n, x
    if node < 0:
        return INFINITE, answer
    for d in range(days - 1, -1, -1):
        if node < work_nodes:
            s, run = node // runs, node % runs + 1
            answer[d] = s
        if d == 0:
            break
        previous = came[d, node, at]
        if node < work_nodes:
            more_weekend = 1 if weekend[d] >= 0 and not (weekend[d] == weekend[d - 1] and run > 1) else 0
            count_before = at % counts
            radix = 1
            for k in range(classes):
                if masks[d, s] >> k & 1:
                    count_before -= radix
                radix *= limits[k] + 1
            weekends_before = at % width // counts - more_weekend
            at = (at // width - units[s]) * width + weekends_before * counts + count_before
        if period[d] != period[d - 1]:
            at = reset[period[d - 1], previous, at] * width + at
        node = previous
    return best, answer


@njit(cache=True, nogil=True)
def _close_period(cost, reset, least, most, width):
    """Keep the cheapest way to each state whose hours in the period that ends are right; hours begin at nothing again."""
    nodes = cost.shape[0]
    for n in range(nodes):
        for v in range(width):
            best, at = INFINITE, -1
            for m in range(least, most + 1):
                if cost[n, m * width + v] < best:
                    best, at = cost[n, m * width + v], m
            reset[n, v] = at
            cost[n, :][v::width] = INFINITE
            cost[n, v] = best
