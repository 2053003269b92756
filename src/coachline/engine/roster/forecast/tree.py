"""Businesses as a tree: each is a part of what stands above it, up to the whole centre."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from coachline.engine.roster.forecast.history import Bools, Floats, Ints


@dataclass(frozen=True)
class Tree:
    """Nodes from the whole centre (number 0) down; each stands behind its parent.

    Attributes
    ----------
    parent : (nodes,) int array
        -1 for the whole.
    depth : (nodes,) int array
    members : (nodes, businesses) bool array
        Which businesses lie within a node.
    leaf : (businesses,) int array
        Node of each business alone.
    """

    parent: Ints
    depth: Ints
    members: Bools
    leaf: Ints

    @classmethod
    def of(cls, businesses: Sequence[str]) -> Tree:
        """The tree of paths. Levels that divide nothing are left out; one business alone is the whole."""
        size = len(businesses)
        nodes: list[tuple[int, ...]] = [tuple(range(size))]
        parent, depth = [-1], [0]
        leaf = np.zeros(size, np.int64)
        waiting = [(0, 0)]
        while waiting:
            node, level = waiting.pop(0)
            if len(nodes[node]) == 1:
                leaf[nodes[node][0]] = node
                continue
            parts: dict[tuple[str, ...], list[int]] = {}
            for business in nodes[node]:
                path = tuple(businesses[business].split("/"))
                parts.setdefault((*path[: level + 1], "" if len(path) <= level else "/"), []).append(business)
            if len(parts) == 1:
                # Paths that are equal as far as they go cannot be told apart further down.
                waiting.insert(0, (node, level + 1))
                continue
            for part in parts.values():
                nodes.append(tuple(part))
                parent.append(node)
                depth.append(depth[node] + 1)
                waiting.append((len(nodes) - 1, level + 1))
        members = np.zeros((len(nodes), size), np.bool_)
        for number, part_of in enumerate(nodes):
            members[number, list(part_of)] = True
        return cls(np.array(parent, np.int64), np.array(depth, np.int64), members, leaf)

    def sums(self, values: Floats) -> Floats:
        """(nodes, ...) sums over the businesses of each node of (businesses, ...) values."""
        flat = values.reshape(len(values), -1)
        return np.asarray((self.members.astype(float) @ flat).reshape(len(self.members), *values.shape[1:]))

    def scaled(self, logs: Floats) -> Floats:
        """(nodes, ...) parts of their parent that sum to 1 among brothers, from their logarithms; 1 for the whole."""
        found = np.ones_like(logs)
        found[1:] = np.exp(np.minimum(logs[1:], 30.0))
        whole = np.zeros_like(logs)
        np.add.at(whole, self.parent[1:], found[1:])
        found[1:] /= np.maximum(whole[self.parent[1:]], 1e-300)
        return found

    def down(self, parts: Floats) -> Floats:
        """(nodes, ...) products of the parts from the whole down to each node."""
        found = parts.copy()
        for node in range(1, len(parts)):
            found[node] *= found[self.parent[node]]
        return found

    def added(self, variances: Floats) -> Floats:
        """(nodes, ...) sums from the whole down to each node."""
        found = variances.copy()
        for node in range(1, len(variances)):
            found[node] += found[self.parent[node]]
        return found
