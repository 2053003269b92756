"""Fields of forms, with label, help and errors bound to them."""

from __future__ import annotations

from typing import Any

from django import forms, template
from django.conf import settings
from django.forms.boundfield import BoundField

register = template.Library()

CLASSES: dict[type[Any], str] = {
    forms.CheckboxInput: "form-check-input",
    forms.CheckboxSelectMultiple: "form-check-input",
    forms.Select: "form-select",
}


@register.inclusion_tag("accounts/field.html")
def field(bound: BoundField, label: str = "", with_help: bool = True, **attributes: Any) -> dict[str, Any]:
    """``{% field form.name autocomplete='off' %}``: label, control, help and errors."""
    widget = bound.field.widget
    help_text = bound.help_text if with_help else ""
    told = [*([f"{bound.auto_id}_help"] if help_text else []), *([f"{bound.auto_id}_error"] if bound.errors else [])]
    given = {"class": CLASSES.get(type(widget), "form-control") + (" is-invalid" if bound.errors else ""), **attributes}
    if told:
        given["aria-describedby"] = " ".join(told)
    if bound.errors:
        given["aria-invalid"] = "true"
    # A label above says what it is; a text inside that vanishes while one types does not.
    widget.attrs.pop("placeholder", None)
    several = isinstance(widget, forms.CheckboxSelectMultiple)
    return {
        "bound": bound,
        "label": label or bound.label,
        "help": help_text,
        "control": "" if several else bound.as_widget(attrs=given),
        "several": several,
        "check": isinstance(widget, forms.CheckboxInput),
        "hidden": bound.is_hidden,
    }


@register.simple_tag
def can_send_mail() -> bool:
    """Whether passwords can be reset by mail."""
    return bool(settings.EMAIL_HOST)
