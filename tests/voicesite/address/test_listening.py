import os
import socket
import stat
import subprocess
import sys

import pytest

from tests.e2e.copy import ROOT
from voicesite.address import listening


def test_a_file_is_for_its_owner_and_group(tmp_path_factory):
    file = tmp_path_factory.mktemp("s") / "web.sock"  # a name of 107 bytes at most
    with listening.listen("localhost", 0, file):
        assert stat.S_IMODE(file.stat().st_mode) == 0o660
        with socket.socket(socket.AF_UNIX) as visitor:
            visitor.connect(str(file))
        with pytest.raises(listening.Taken, match="another program"):
            listening.listen("localhost", 0, file)
    with listening.listen("localhost", 0, file):  # what was left is no hindrance
        pass


def test_a_file_that_is_none_of_ours_stays(tmp_path):
    file = tmp_path / "notes"
    file.write_text("mine")
    with pytest.raises(OSError):
        listening.listen("localhost", 0, file)
    assert file.read_text() == "mine"


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_an_address_that_is_taken_is_said(host):
    with listening.listen(host, 0) as first, pytest.raises(OSError):
        listening.listen(host, first.getsockname()[1])


def test_a_program_has_the_socket_that_is_handed_down():
    code = "from voicesite.address.listening import handed_down; print(handed_down().getsockname()[1], end='')"
    with listening.listen("127.0.0.1", 0) as listener:
        number = listening.hand_down(listener)
        assert number >= listening.LOWEST_FD
        done = subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], listening.VARIABLE: str(number)},
            pass_fds=[number],
            capture_output=True,
            text=True,
        )
        os.close(number)
        assert done.stdout == str(listener.getsockname()[1]), done.stderr


def test_a_socket_unit_of_systemd_is_taken_by_whom_it_is_for(monkeypatch):
    monkeypatch.delenv(listening.VARIABLE, raising=False)
    monkeypatch.setenv("LISTEN_FDS", "1")
    monkeypatch.setenv("LISTEN_PID", "1")
    assert listening.handed_down() is None
    with listening.listen("127.0.0.1", 0) as listener:
        monkeypatch.setenv("LISTEN_PID", str(os.getpid()))
        monkeypatch.setattr(listening, "SYSTEMD_FD", os.dup(listener.fileno()))
        with listening.handed_down() as taken:
            assert taken.getsockname() == listener.getsockname()
