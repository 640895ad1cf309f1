import json
import logging
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import pytest

from tests.e2e.copy import ROOT
from voicesite import logs


def line(name: str, message: str, *args, error: BaseException | None = None, **extra) -> dict:
    about = (type(error), error, error.__traceback__) if error else None
    record = logging.makeLogRecord(
        {"name": name, "msg": message, "args": args, "levelname": "ERROR", "exc_info": about, **extra}
    )
    return json.loads(logs.JsonFormatter().format(record))


def test_a_line_names_what_it_is_about():
    with logs.bound(request="r", person=None):
        with logs.bound(job="generation:5", person=7):
            inside = line("voicesite.jobs", "%s is begun", "Generation", facts={"status": 200})
        outside = line("voicesite.jobs", "on")
    assert inside["message"] == "Generation is begun" and inside["status"] == 200
    assert (inside["request"], inside["job"], inside["person"]) == ("r", "generation:5", 7)
    assert outside["request"] == "r" and "job" not in outside and "person" not in outside
    assert logs.ids_now() == {}


def test_who_asks_is_told_by_another_thread_to_the_line_after_it():
    with ThreadPoolExecutor(1) as threads, logs.bound(request="r"):
        threads.submit(copy_context().run, logs.bind, person=3).result()
        assert logs.ids_now() == {"request": "r", "person": 3}
    logs.bind(person=4)
    assert logs.ids_now() == {}, "nothing is bound outside of a request or a job"


def test_nobodys_words_are_in_it():
    try:
        try:
            raise ValueError("the text of Ada")
        except ValueError as first:
            raise RuntimeError("Key (email)=(ada@example.org)") from first
    except RuntimeError as error:
        failed = line("synthesis.speech", "It failed", error=error)
    assert failed["error"]["type"] == "builtins.RuntimeError" and failed["error"]["cause"] == "builtins.ValueError"
    assert "test_logs.py" in failed["error"]["where"][-1]
    mail = line("voicesite.signin", "A mail could not be sent: %s", OSError("ada@example.org does not exist"))
    assert mail["message"] == "A mail could not be sent: OSError"
    theirs = line("django.request", "Internal Server Error: %s", "/join/secret/")
    broken = line("asyncio", "Task was never retrieved\nfuture: <exception=ValueError('the text of Ada')>")
    queue = line("django-q", "Failed 'task' (name) - the text of Ada : Traceback")
    assert theirs["message"] == "Internal Server Error: %s" and broken["message"] == "Task was never retrieved"
    assert queue["message"] == "Failed 'task' (name)"
    assert not any(word in json.dumps([failed, theirs, broken, queue]) for word in ("Ada", "ada@", "secret"))


@pytest.mark.parametrize("form", ["json", "line"])
def test_a_process_without_django_writes_as_the_site_does(form):
    code = (
        "import logging; from voicesite import logs; logs.configure()\n"
        "with logs.bound(generation='g'): logging.getLogger('voicesite.modelhost').warning('The %s is slow', 'engine')"
    )
    environment = {"PATH": os.environ["PATH"], logs.VARIABLE: form}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    if form == "json":
        written = json.loads(done.stderr)
        assert (written["message"], written["generation"]) == ("The engine is slow", "g")
    else:
        assert done.stderr.endswith("WARNING voicesite.modelhost: The engine is slow\n")
