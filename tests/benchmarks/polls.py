"""What programs cost that watch their speech: `python -m tests.benchmarks.polls [--seconds N]`, in less than two minutes.

On a site of its own that speaks with Kokoro: first the processor time of one poll by key, of a task that is ready, one that
is spoken and one that waits; then POLLERS programs that ask once a second and STREAMS that listen to events, for a while, and
beside them somebody who opens pages.
"""

import argparse
import asyncio
import http.client
import json
import statistics
import tempfile
import time
from pathlib import Path

import psutil

from tests.e2e.copy import PASSWORD, Copy, wait_for

POLLERS, STREAMS = 500, 50
TASKS = 40  # that are spoken or wait meanwhile
POLLS = 400  # of each kind, to measure one
TEXT = "The ferry left the harbour early in the morning, and nobody on board had slept. "


class Program:
    """What a program does with a key, on a connection that it keeps."""

    def __init__(self, copy: Copy):
        self.key = copy.manage(
            "create_api_key", "ada", "--name", "Bench", "--scope", "speak", "--scope", "read"
        ).split()[-1]
        self.headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        self.connection = http.client.HTTPConnection("127.0.0.1", copy.port, timeout=30)

    def ask(self, method: str, address: str, **body) -> dict:
        try:
            self.connection.request(method, address, json.dumps(body) if body else None, self.headers)
            response = self.connection.getresponse()
        except (http.client.RemoteDisconnected, BrokenPipeError):  # it was idle for too long
            self.connection.close()
            return self.ask(method, address, **body)
        content = response.read()
        assert response.status < 300, content[:300]
        return json.loads(content)

    def speak(self, voice: str, text: str) -> str:
        return self.ask("POST", "/api/generations/async", voice=voice, text=text)["task_id"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=int, default=30, help="of polls and events")
    parser.add_argument("--engine", default="kokoro")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder) / "data", VOICESITE_ENGINE=options.engine, VOICESITE_BUILTIN_VOICES="on")
        copy.start()
        try:
            copy.wait_until_ready()
            copy.manage("create_user", "ada", "--password", PASSWORD)
            assert copy.open("/account/login/", username="ada", password=PASSWORD)[0] == 200
            program = Program(copy)
            voice = wait_for(lambda: program.ask("GET", "/v1/audio/voices")["voices"], 30)[0]["id"]
            ready = program.speak(voice, "Good morning.")
            wait_for(lambda: copy.row(ready)["state"] == "completed", 60, lambda: copy.row(ready))
            tasks = [program.speak(voice, TEXT * 40) for _ in range(TASKS)]
            wait_for(lambda: copy.row(tasks[0])["state"] == "generating", 60, lambda: copy.row(tasks[0]))
            for name, task in (("ready", ready), ("spoken", tasks[0]), ("waiting", tasks[-1])):
                print(
                    f"a poll of what is {name:<8} {processor_time(copy, program, task):6.2f} ms of a processor",
                    flush=True,
                )
            asyncio.run(load(copy, program.key, tasks, options.seconds))
        finally:
            copy.stop()


def web_processes(copy: Copy) -> list[psutil.Process]:
    main = copy.find("web main")
    return [main, *main.children(recursive=True)]


def spent(copy: Copy) -> float:
    """Return the processor time of the web server, in seconds."""
    return sum(sum(process.cpu_times()[:2]) for process in web_processes(copy))


def processor_time(copy: Copy, program: Program, task: str) -> float:
    """Return how much of it one poll takes, in ms."""
    address = f"/api/generations/tasks/{task}"
    for _ in range(20):
        program.ask("GET", address)
    before = spent(copy)
    for _ in range(POLLS):
        program.ask("GET", address)
    return 1000 * (spent(copy) - before) / POLLS


async def load(copy: Copy, key: str, tasks: list[str], seconds: int) -> None:
    end = time.monotonic() + seconds
    polls: list[float] = []
    pages: list[float] = []
    errors: list[str] = []
    events = 0

    async def poll(number: int) -> None:
        await asyncio.sleep(number / POLLERS)  # each at its own moment of a second
        address = f"/api/generations/tasks/{tasks[number % len(tasks)]}"
        await ask_again(address, {"Authorization": f"Bearer {key}"}, 1.0, polls)

    async def open_pages() -> None:
        cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in copy.cookies)
        await ask_again("/generations/", {"Cookie": cookie}, 0.5, pages)

    async def ask_again(address: str, headers: dict[str, str], pause: float, took: list[float]) -> None:
        reader = writer = None
        while time.monotonic() < end:
            began = time.monotonic()
            try:
                async with asyncio.timeout(20):
                    if writer is None:
                        reader, writer = await asyncio.open_connection("127.0.0.1", copy.port)
                    writer.write(request(address, headers))
                    status, length, keeps = await head(reader)
                    await reader.readexactly(length)
                    if status != 200:
                        errors.append(f"{address}: {status}")
                    if not keeps:
                        writer.close()
                        writer = None
            except (OSError, EOFError, TimeoutError) as error:
                errors.append(f"{address}: {error!r}")
                writer = None
            took.append(1000 * (time.monotonic() - began))
            await asyncio.sleep(max(began + pause - time.monotonic(), 0))
        if writer:
            writer.close()

    async def listen(number: int) -> None:
        nonlocal events
        address = f"/api/generations/tasks/{tasks[number % len(tasks)]}/events"
        try:
            async with asyncio.timeout(seconds):
                reader, writer = await asyncio.open_connection("127.0.0.1", copy.port)
                writer.write(request(address, {"Authorization": f"Bearer {key}"}))
                status, _, _ = await head(reader)
                if status != 200:
                    errors.append(f"{address}: {status}")
                    return
                async for line in reader:
                    events += line.startswith(b"data:")
        except TimeoutError:
            writer.close()
        except OSError as error:
            errors.append(f"{address}: {error!r}")

    before, began = spent(copy), time.monotonic()
    await asyncio.gather(open_pages(), *map(poll, range(POLLERS)), *map(listen, range(STREAMS)))
    passed = time.monotonic() - began
    share = (spent(copy) - before) / passed
    print(
        f"{POLLERS} pollers and {STREAMS} streams for {passed:.0f} s: {len(polls)} polls, {events} events, {len(errors)} errors"
    )
    print(f"  polls  {times(polls)}\n  pages  {times(pages)}\n  the web server took {share:.2f} of a processor")
    for error in sorted(set(errors))[:5]:
        print(f"  {error}")


def request(address: str, headers: dict[str, str]) -> bytes:
    lines = [f"GET {address} HTTP/1.1", "Host: 127.0.0.1", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


async def head(reader: asyncio.StreamReader) -> tuple[int, int, bool]:
    """Read the head of an answer: its status, the length of what follows, and whether the connection is kept."""
    first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines if line)
    return int(first.split()[1]), int(headers.get("content-length", 0)), headers.get("connection") != "close"


def times(took: list[float]) -> str:
    slowest = statistics.quantiles(took, n=100)[-1] if len(took) > 1 else 0.0
    return f"p50 {statistics.median(took):6.0f} ms, p99 {slowest:6.0f} ms"


if __name__ == "__main__":
    main()
