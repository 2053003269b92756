"""Rules, what they have raised, and who was told by which way."""

from coachline.web.operations.models.alerts import Addressee, Alert, Delivery, Receipt
from coachline.web.operations.models.rules import ANY_MAIN, Channel, Rule

__all__ = ["ANY_MAIN", "Addressee", "Alert", "Channel", "Delivery", "Receipt", "Rule"]
