"""Answers to test items as sparse matrices: sittings by items."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Places = NDArray[np.int64]


@dataclass(frozen=True)
class Answers:
    """Who answered which item how, one entry per answer.

    Attributes
    ----------
    sitting, item : (N,) integer arrays
        Places of the sitting (a person on a paper) and of the item, from 0 without gaps.
    correct : (N,) float array
        1 right, 0 wrong.
    paper : (sittings,) integer array
        Place of each sitting's paper. Those who sat one paper are one group, with a mean ability of its own.
    items : int
    """

    sitting: Places
    item: Places
    correct: Floats
    paper: Places
    items: int

    @property
    def sittings(self) -> int:
        return len(self.paper)

    @property
    def papers(self) -> int:
        return int(self.paper.max()) + 1 if len(self.paper) else 0

    def matrix(self, values: Floats) -> Any:
        """(sittings, items) sparse matrix of `values`, one per answer."""
        from scipy.sparse import csr_matrix

        return csr_matrix((values, (self.sitting, self.item)), shape=(self.sittings, self.items))

    @cached_property
    def right(self) -> Any:
        """How often each sitting got each item right."""
        return self.matrix(self.correct)

    @cached_property
    def given(self) -> Any:
        """How often each sitting answered each item."""
        return self.matrix(np.ones(len(self.correct)))

    @cached_property
    def links(self) -> Places:
        """(papers,) number of the connected part to which each paper belongs: papers with items in common, directly or over others, are one part."""
        from scipy.sparse import csr_matrix
        from scipy.sparse.csgraph import connected_components

        pairs = np.unique(np.stack([self.paper[self.sitting], self.papers + self.item]), axis=1)
        size = self.papers + self.items
        graph = csr_matrix((np.ones(pairs.shape[1]), (pairs[0], pairs[1])), shape=(size, size))
        part = connected_components(graph, directed=False)[1][: self.papers]
        return np.unique(part, return_inverse=True)[1].reshape(-1).astype(np.int64)
