"""A mail server on loopback that keeps what it is sent: SMTP without encryption or log-in."""

import socketserver
import threading


class Mailbox:
    """Keeps the mails that were sent, as text with plain line ends; `refuses` makes it turn recipients away."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        self.refuses = False
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        self._thread.start()
        self.url = f"smtp://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _handler(self) -> type[socketserver.StreamRequestHandler]:
        mailbox = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self._say("220 mailbox")
                while line := self.rfile.readline():
                    word = line.split()[0].upper() if line.split() else b""
                    if word == b"DATA":
                        self._take()
                    elif word == b"QUIT":
                        self._say("221 bye")
                        return
                    elif word == b"RCPT" and mailbox.refuses:
                        self._say("550 no such mailbox")
                    else:
                        self._say("250 8BITMIME" if word == b"EHLO" else "250 ok")

            def _take(self) -> None:
                self._say("354 go on")
                lines = []
                while (line := self.rfile.readline()) not in (b".\r\n", b""):
                    lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
                mailbox.mails.append(b"".join(lines).decode("utf-8").replace("\r\n", "\n"))
                self._say("250 kept")

            def _say(self, answer: str) -> None:
                self.wfile.write(answer.encode() + b"\r\n")

        return Handler
