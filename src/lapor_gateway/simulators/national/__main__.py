"""Starts the simulated national endpoint: one JSON line when ready, then until SIGTERM."""

import asyncio
import json
import signal
import sys
import threading
import time
from functools import partial
from pathlib import Path

import msgspec
import uvloop

from lapor_gateway.simulators.national.accounts import Accounts
from lapor_gateway.simulators.national.clock import Clock
from lapor_gateway.simulators.national.control import PREFIX, Control, Preload
from lapor_gateway.simulators.national.endpoint import Endpoint
from lapor_gateway.simulators.national.export import ExportWish, write_file
from lapor_gateway.simulators.national.faults import FaultScript, ScriptError, read_faults
from lapor_gateway.simulators.national.http11 import Connection, Request
from lapor_gateway.simulators.national.journal import Journal
from lapor_gateway.simulators.national.masters import Masters
from lapor_gateway.simulators.national.office import Office
from lapor_gateway.simulators.national.options import Options, parse_options
from lapor_gateway.simulators.national.page import Page, is_page
from lapor_gateway.simulators.national.store import Store


class Server:
    """The listening port, which can be closed for a while, and the connections it has."""

    def __init__(self, endpoint: Endpoint, control: Control, body_limit: int) -> None:
        self._endpoint = endpoint
        self._control = control
        self._page = Page(endpoint)
        self._body_limit = body_limit
        self._connections: set[Connection] = set()
        self._listener: asyncio.Server | None = None
        self._reopening: asyncio.Task[None] | None = None
        self.port = 0

    async def open(self, port: int) -> None:
        """Listen on 127.0.0.1; port 0 takes a free one."""
        clock = self._endpoint.office.clock
        connection = partial(Connection, self._receive, self._connections, self._body_limit, clock)
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(connection, "127.0.0.1", port, backlog=1024)
        self.port = self._listener.sockets[0].getsockname()[1]

    def close(self) -> None:
        """Stop listening and reset what is open."""
        if self._listener is not None:
            self._listener.close()
        for connection in list(self._connections):
            connection.reset()

    def refuse(self, seconds: float) -> None:
        """Be out of reach for a while: connections are refused, open ones are reset."""
        self.close()
        if self._reopening is None or self._reopening.done():
            self._reopening = asyncio.get_running_loop().create_task(self._reopen(seconds))

    async def _reopen(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
        await self.open(self.port)

    def _receive(self, request: Request, connection: Connection) -> None:
        if request.path.startswith(PREFIX) or is_page(request.path):
            behind = self._control if request.path.startswith(PREFIX) else self._page
            answer = behind.answer(request)
            self._endpoint.after_flush(partial(connection.send, answer, keep_alive=request.keep_alive))
        else:
            self._endpoint.receive(request, connection)


def build(options: Options) -> tuple[Endpoint, Control, Journal]:
    """Endpoint and control as the options say. Raises ScriptError, OSError, ValueError."""
    faults, seed = ([], options.seed) if options.faults is None else read_faults(options.faults, options.seed)
    if options.data is not None:
        options.data.mkdir(parents=True, exist_ok=True)
    kept = None if options.data is None or options.memory else options.data / "national.db"
    journal = Journal(_log_path(options))
    store = Store(kept, options.seed, options.awkwardness())
    script = FaultScript((), seed, time.monotonic())
    office = Office(store, Masters(), Clock(options.clock_offset))
    accounts = Accounts(options.account)
    if options.token_expires_after is not None:
        accounts.expire("", time.time() + options.token_expires_after)
    endpoint = Endpoint(options.rules(), office, journal, accounts, script)
    endpoint.expires_with_a_page = options.login_page
    control = Control(endpoint, options.seed, options.standing_faults())
    control.load_faults(faults, seed)
    if options.preload is not None:
        lines = options.preload.read_bytes()
        control.preload(msgspec.json.Decoder(Preload).decode_lines(lines))
        store.flush()
    return endpoint, control, journal


async def run(options: Options) -> None:
    """Serve until SIGTERM, SIGINT or (if asked) the end of standard input."""
    endpoint, control, journal = build(options)
    server = Server(endpoint, control, options.body_limit)
    endpoint.refuse = server.refuse
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    if options.end_with_stdin:
        wait = partial(_wait_for_stdin, loop, ended)
        threading.Thread(target=wait, daemon=True).start()
    await server.open(options.port)
    print(json.dumps(_ready(options, server.port)), flush=True)
    await ended.wait()
    server.close()
    endpoint.flush()
    endpoint.store.close()
    journal.close()


def main() -> None:
    options = parse_options()
    try:
        if options.export is not None:
            print(json.dumps(_exported(options)), flush=True)
            return
        uvloop.run(run(options))
    except (ScriptError, OSError, ValueError) as error:
        print(f"simulated national endpoint: {error}", file=sys.stderr)
        sys.exit(2)


def _exported(options: Options) -> dict[str, object]:
    """Write the download of a store that no endpoint needs to serve. Raises ValueError without one."""
    if options.data is None or options.export is None:
        raise ValueError("--export needs --data DIR, the folder that holds what was sent")
    endpoint, _, journal = build(options)
    rows = write_file(endpoint.office, ExportWish(str(options.export)))
    endpoint.store.close()
    journal.close()
    return {"path": str(options.export.resolve()), "rows": rows}


def _wait_for_stdin(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    sys.stdin.buffer.read()
    loop.call_soon_threadsafe(ended.set)


def _log_path(options: Options) -> Path | None:
    return None if options.data is None else options.data / "requests.jsonl"


def _ready(options: Options, port: int) -> dict[str, object]:
    log = _log_path(options)
    return {
        "ready": True,
        "port": port,
        "url": f"http://127.0.0.1:{port}{options.base_path.rstrip('/')}",
        "page": f"http://127.0.0.1:{port}/",
        "control": f"http://127.0.0.1:{port}{PREFIX}",
        "log": None if log is None else str(log),
    }


if __name__ == "__main__":
    main()
