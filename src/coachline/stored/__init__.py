"""Results as files, to be read long after they were computed, in full or by somebody who may see only some people."""

from coachline.stored.folder import StoredTables, load_result, save_result
from coachline.stored.narrowed import narrow

__all__ = ["StoredTables", "load_result", "narrow", "save_result"]
