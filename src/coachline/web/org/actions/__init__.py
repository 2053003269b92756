"""Everything that changes the organisation, its users and their roles."""

from coachline.web.org.actions.import_users import Imported, Planned, confirm_import, plan_import, read_users
from coachline.web.org.actions.roles import give, take
from coachline.web.org.actions.sync import Synced, sync_from_facts
from coachline.web.org.actions.users import (
    NewUser,
    activate,
    create_user,
    deactivate,
    link_agent,
    reset_password,
    reset_second_factor,
    unlink_agent,
)

__all__ = [
    "Imported",
    "NewUser",
    "Planned",
    "Synced",
    "activate",
    "confirm_import",
    "create_user",
    "deactivate",
    "give",
    "link_agent",
    "plan_import",
    "read_users",
    "reset_password",
    "reset_second_factor",
    "sync_from_facts",
    "take",
    "unlink_agent",
]
