from typing import Any

from django.db import migrations

from coachline.wording import Wording


def first_rule(apps: Any, schema_editor: Any) -> None:
    """Whoever directs a centre learns of unusual days without having set anything."""
    apps.get_model("operations", "Rule").objects.create(name=Wording()("web.operations.rules.default_name"), roles=["director"])


class Migration(migrations.Migration):
    dependencies = (("operations", "0001_alerts"),)

    operations = (migrations.RunPython(first_rule, migrations.RunPython.noop),)
