"""The sandboxed child process: it answers in messages, within limits of processor time and disk."""

import signal
import sys
import threading
import time

import pytest

from voices.intake import sandbox

PREAMBLE = "import sys, time\nfrom voices.intake import sandbox\n"


class Refusal(Exception):
    pass


def start(code: str):
    return sandbox.start([sys.executable, "-c", PREAMBLE + code], Refusal, "file", "send it again")


def test_messages_come_with_their_files():
    code = 'sandbox.send({"number": 1}, {"wav": bytes(3_000_000), "none": b""}); sandbox.send({"number": 2})'
    with start(code) as child:
        assert child.receive(10) == ({"number": 1}, {"wav": bytes(3_000_000), "none": b""})
        assert child.receive(10) == ({"number": 2}, {})
        with pytest.raises(Refusal) as broken:
            child.receive(10)
    assert broken.value.args == ("damaged", "This file could not be read. It may be damaged: send it again.")


def test_a_rejection_in_the_process_is_one_here():
    with start('sandbox.send({"code": "empty", "message": "Nothing."})') as child, pytest.raises(Refusal) as refusal:
        child.receive(10)
    assert refusal.value.args == ("empty", "Nothing.")


TOO_SLOW = ("too_slow", "This file took too long to read. It may be damaged: send it again.")


@pytest.mark.parametrize("code", ["time.sleep(60)", 'sys.stdout.write("{" * 9); sys.stdout.flush(); time.sleep(60)'])
def test_a_process_that_does_nothing_is_given_up(code, monkeypatch):
    monkeypatch.setattr(sandbox, "STALL_SECONDS", 1.0)
    with start(code) as child, pytest.raises(Refusal) as slow:
        child.receive(1000)
    assert slow.value.args == TOO_SLOW


def test_a_process_that_works_on_and_on_is_given_up():
    with start("while True: pass") as child, pytest.raises(Refusal) as slow:
        child.receive(0.3)
    assert slow.value.args == TOO_SLOW


def test_so_is_one_that_passes_the_limit_that_it_put_on_itself():
    with start("sandbox.limit_resources(60, 1)\nwhile True: pass") as child, pytest.raises(Refusal) as slow:
        child.receive(1000)
    assert slow.value.args == TOO_SLOW


def test_waiting_for_the_processor_is_no_fault_of_a_file():
    """A busy machine gives a process its turn late; here another stops it, for longer than its time on the processor."""
    with start('time.sleep(0.1); sandbox.send({"number": 1})') as child:
        child._process.send_signal(signal.SIGSTOP)
        threading.Timer(1.5, child._process.send_signal, [signal.SIGCONT]).start()
        assert child.receive(1.0) == ({"number": 1}, {})


def test_a_heartbeat_ends_the_wait_and_the_process():
    beats = []

    def heartbeat():
        beats.append(time.monotonic())
        if len(beats) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), start("time.sleep(60)") as child:
        child.receive(30, heartbeat)
    assert beats[-1] - beats[0] < 3 * 0.25 + 1


def test_no_file_grows_beyond_its_bound(tmp_path):
    path = tmp_path / "file"
    code = f"sandbox.limit_resources(60, 20, 1000)\nopen({str(path)!r}, 'wb').write(bytes(9000))"
    with start(code) as child, pytest.raises(Refusal):
        child.receive(10)
    assert path.stat().st_size <= 1000
