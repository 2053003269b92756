from __future__ import annotations

from django.conf import settings
from django.db import models

from coachline.web.accounts.roles import ROLES


class CentresOfToday(models.Manager["Centre"]):
    """Those that the facts know now: a result of any other can neither be calculated nor asked for."""

    def get_queryset(self) -> models.QuerySet[Centre]:
        return super().get_queryset().filter(in_facts=True)


class Centre(models.Model):
    """A centre of the group, under the name that the facts give it. ``Centre.objects`` are those of today, ``Centre.ever`` all of them."""

    name = models.CharField(max_length=120, unique=True)
    is_default = models.BooleanField(default=False)
    """Agents whose facts name no centre belong to it."""
    in_facts = models.BooleanField(default=True)
    """The facts know it now; one that they knew earlier keeps its teams and its history, and nobody is offered its results."""

    ever = models.Manager["Centre"]()
    objects = CentresOfToday()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="teams")
    name = models.CharField(max_length=120)

    class Meta:
        ordering = ("centre__name", "name")
        constraints = (models.UniqueConstraint(fields=("centre", "name"), name="team_once_per_centre"),)

    def __str__(self) -> str:
        return self.name


class Agent(models.Model):
    """A person who answers calls, as the facts know them; ``user`` is who they are when they sign in."""

    agent_id = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=80, blank=True)
    role = models.CharField(max_length=80, blank=True)
    """The post as the facts call it; gives no permission."""
    centre = models.ForeignKey(Centre, on_delete=models.PROTECT, related_name="agents", null=True)
    """Empty where several centres share the facts and these do not say whose the agent is: then only the group sees them."""
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="agents", null=True)
    """The present team; `Membership` has the earlier ones. Empty for those who have left."""
    hired_on = models.DateField(null=True)
    left_on = models.DateField(null=True)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, related_name="agent", null=True)

    class Meta:
        ordering = ("agent_id",)

    def __str__(self) -> str:
        return f"{self.agent_id} {self.name}".strip()


class Membership(models.Model):
    """An agent in a team from a day on, the first of which is empty where nobody knows it; open while ``until`` is empty."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="memberships")
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="memberships", null=True)
    since = models.DateField(null=True)
    until = models.DateField(null=True)

    class Meta:
        ordering = ("agent", "-pk")
        constraints = (models.UniqueConstraint(fields=("agent",), condition=models.Q(until=None), name="one_open_membership"),)

    def __str__(self) -> str:
        return f"{self.agent_id} {self.team} {self.since}"


class Grant(models.Model):
    """A role that a user holds, and where: in a centre, in a team, or (``group`` roles, and agents for themselves) nowhere special."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=[(role, role) for role in ROLES])
    centre = models.ForeignKey(Centre, on_delete=models.CASCADE, null=True, related_name="grants")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, null=True, related_name="grants")
    given_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("user", "role")
        # Three of them, since SQLite knows no constraint under which two empty places are the same.
        constraints = (
            models.UniqueConstraint(fields=("user", "role"), condition=models.Q(centre=None, team=None), name="grant_once"),
            models.UniqueConstraint(fields=("user", "role", "centre"), condition=models.Q(team=None), name="grant_once_per_centre"),
            models.UniqueConstraint(fields=("user", "role", "team"), name="grant_once_per_team"),
        )

    def __str__(self) -> str:
        return f"{self.role} {self.team or self.centre or ''}".strip()
