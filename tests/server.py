"""An application as it is really served: by uvicorn with the site's own protocol, in a thread of the tests."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import uvicorn

from tests.e2e.copy import wait_for
from voicesite.address import protocols


@dataclass(frozen=True)
class Served:
    """What listens on a free port of this machine."""

    port: int
    server: uvicorn.Server

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_until_idle(self) -> None:
        """Return once every request has ended, that of a client which hung up too."""
        wait_for(lambda: not self.server.server_state.tasks, 20, lambda: self.server.server_state.tasks)


@contextlib.contextmanager
def serve(app: Any, protocol: type = protocols.HTTP) -> Iterator[Served]:
    """Serve `app` until the block ends."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            loop="uvloop",
            lifespan="off",
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=1,
            log_config=None,
            log_level="error",
            access_log=False,
        )
        server = protocols.Server(config)
        thread = threading.Thread(target=server.run, args=[[listener]])
        thread.start()
        try:
            wait_for(lambda: server.started, 20)
            yield Served(listener.getsockname()[1], server)
        finally:
            server.should_exit = True
            thread.join(20)
