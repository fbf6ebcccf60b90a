"""A small HTTP application on loopback, scripted by a test: real bytes over a real socket."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it arrived; header names in lower case, the first value of each query parameter."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Answered:
    """What to send back; a `body` that is no bytes goes as JSON. `cut` closes after so many bytes of it."""

    body: Any = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None


class Application:
    """Serves what `answer` says for each request, and keeps what it was asked."""

    def __init__(self, answer: Callable[[Asked], Answered]) -> None:
        self.answer = answer
        self.asked: list[Asked] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        application = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # else each answer waits 40 ms for an acknowledgement

            def _serve(self) -> None:
                address = urlsplit(self.path)
                length = int(self.headers.get("content-length", 0))
                query = {name: values[0] for name, values in parse_qs(address.query, True).items()}
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, address.path, query, headers, self.rfile.read(length))
                application.asked.append(asked)
                self._send(application.answer(asked))

            do_GET = do_POST = do_PUT = do_PATCH = _serve  # noqa: N815 - the names http.server calls

            def _send(self, answered: Answered) -> None:
                is_bytes = isinstance(answered.body, bytes)
                body = answered.body if is_bytes else json.dumps(answered.body).encode()
                self.send_response(answered.status)
                headers = {"content-type": "application/json", "content-length": str(len(body))}
                for name, value in (headers | answered.headers).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body[: answered.cut])
                if answered.cut is not None:
                    self.close_connection = True

            def log_message(self, *arguments: Any) -> None:
                """The test output is no access log."""

        return Handler
