"""The HTTP server in a thread of this process, and the engine beside it, until a signal ends both."""

import signal
import socket
import threading
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any, Self

from lapor_gateway.errors import ConfigurationError, GatewayError
from lapor_gateway.jobs.gateway import Gateway

if TYPE_CHECKING:
    from lapor_gateway.jobs.engine import Engine

_ENDING_SECONDS = 30.0
_LOOK_SECONDS = 1.0


class Service:
    """Serves while its block runs; `url` is known from the beginning. `wait` lets the engine work until a signal comes.

    `any_port` takes a free port where the given one is taken. Raises `ConfigurationError` where it cannot listen.
    """

    def __init__(
        self, gateway: Gateway, host: str, port: int, *, with_worker: bool = True, any_port: bool = False
    ) -> None:
        self._gateway = gateway
        self._with_worker = with_worker
        self._socket = _listening(host, port, any_port=any_port)
        name = f"[{host}]" if ":" in host else host
        self.url = f"http://{name}:{self._socket.getsockname()[1]}"

    def __enter__(self) -> Self:
        import uvicorn

        from lapor_gateway.api.app import create_app

        # No engine yet: the demo does the work itself while webhooks come in. `wait` brings it.
        self._app = create_app(self._gateway, None)
        # A page that keeps a connection open must not keep the server from ending.
        config = uvicorn.Config(self._app, log_level="warning", access_log=False, timeout_graceful_shutdown=5)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(
            target=self._server.run, kwargs={"sockets": [self._socket]}, daemon=True
        )
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.should_exit = True
        self._thread.join(_ENDING_SECONDS)
        self._socket.close()

    def wait(self) -> None:
        """Let the engine work until Ctrl-C or SIGTERM; what is in flight is finished by leaving the block."""
        ended = threading.Event()

        def end(_number: int, _frame: FrameType | None) -> None:
            ended.set()

        engine = self._engine()
        before: dict[int, Any] = {n: signal.signal(n, end) for n in (signal.SIGINT, signal.SIGTERM)}
        try:
            if engine is not None:
                engine.start()
            while not ended.wait(_LOOK_SECONDS):
                if not self._thread.is_alive():
                    raise GatewayError(
                        "The HTTP server has stopped by itself.", cure="Look at the log lines above."
                    )
        finally:
            if engine is not None:
                engine.stop()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _engine(self) -> "Engine | None":
        """The engine, made known to the API; None without a worker."""
        if not self._with_worker:
            return None
        from lapor_gateway.jobs.embedded_engine import EmbeddedEngine

        engine = EmbeddedEngine(self._gateway)
        self._app.state.engine = engine
        return engine


def _listening(host: str, port: int, *, any_port: bool) -> socket.socket:
    """A socket that listens already, so that what is sent before the server is up waits instead of failing."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        try:
            listener.bind((host, port))
        except OSError:
            if not any_port:
                raise
            listener.bind((host, 0))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ConfigurationError(
            f"The server cannot listen on {host}:{port}.",
            detail=error.strerror or str(error),
            cure="Choose another --port, or end the program that holds this one.",
        ) from None
    return listener
