"""A process that has entered a centre's application and does what it is told, line by line: what the server would do."""

from __future__ import annotations

import json
import sys
import threading
from datetime import timedelta
from pathlib import Path


def main(folder):
    from coachline.web.config.starting import enter

    enter(Path(folder))
    from django.utils import timezone
    from django_tasks_db.models import DBTaskResult

    from coachline.web.accounts.models import User
    from coachline.web.journal.actions import record
    from coachline.web.journal.models import Entry
    from coachline.web.runs import actions
    from coachline.web.runs.models import Run

    someone = User.objects.get_or_create(username="someone")[0]

    def start(kind, name, parameters):
        return str(actions.enqueue(kind, name, parameters, by=None).pk)

    def look(run_id):
        run = Run.objects.get(pk=run_id)
        codes = [line["code"] for line in run.log]
        return {"state": run.state, "attempts": run.attempts, "error": (run.error or {}).get("code"), "log": codes, "told": run.told}

    def cancel(run_id):
        Run.objects.filter(pk=run_id).update(asked_by=someone)
        actions.cancel(Run.objects.get(pk=run_id), by=someone)

    def lose_place(run_id):
        run = Run.objects.get(pk=run_id)
        DBTaskResult.objects.filter(pk=run.task_id).delete()
        Run.objects.filter(pk=run_id).update(asked_at=timezone.now() - timedelta(hours=1))

    def hammer(threads, times):
        faults = []

        def strike(number):
            from django.db import connection

            try:
                for each in range(times):
                    record("runs.start", by=None, named=f"{number} {each}")
                    Run.objects.filter(kind="chat").count()
            except Exception as error:
                faults.append(repr(error))
            finally:
                connection.close()

        before = Entry.objects.filter(named_by_hammer()).count()
        striking = [threading.Thread(target=strike, args=(number,)) for number in range(threads)]
        for thread in striking:
            thread.start()
        for thread in striking:
            thread.join()
        return {"faults": faults, "written": Entry.objects.filter(named_by_hammer()).count() - before}

    def named_by_hammer():
        from django.db.models import Q

        return Q(verb="runs.start", subject_kind="")

    known = {function.__name__: function for function in (start, look, cancel, lose_place, hammer)}
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        print(json.dumps(known[name](*arguments)), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
