"""An HTTP server on loopback that keeps what is posted to it, and can refuse, hang up or talk nonsense instead."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal


class PostBox:
    """Keeps the JSON bodies that it has taken; `mood` is how it answers."""

    def __init__(self) -> None:
        self.posts: list[dict[str, Any]] = []
        self.mood: Literal["takes", "refuses", "hangs up", "garbage"] = "takes"
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.address = f"127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        box = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                if box.mood == "refuses":
                    self.send_error(503)
                    return
                if box.mood == "hangs up":
                    self.connection.close()
                    return
                if box.mood == "garbage":
                    self.wfile.write(b"\xff\xfe nothing that HTTP knows\r\n\r\n")
                    return
                box.posts.append(json.loads(body))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Nothing to say."""

        return Handler
