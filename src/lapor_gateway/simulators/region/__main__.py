"""Start one region's simulator: a server for REST and webhooks, else tables or files written once."""

import argparse
import asyncio
import base64
import hashlib
import signal
import sys
import threading
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import msgspec

from lapor_gateway.simulators.region import state
from lapor_gateway.simulators.region.acts import Acts, replay
from lapor_gateway.simulators.region.control import Application
from lapor_gateway.simulators.region.faults import read_faults
from lapor_gateway.simulators.region.page import Page
from lapor_gateway.simulators.region.script import Script, ScriptError, read_script
from lapor_gateway.simulators.region.truth import Pass
from lapor_gateway.simulators.region.wire import Answer, Request, listen, port_of
from lapor_gateway.simulators.region.world import World


class Writer(Protocol):
    """A family without a server."""

    def prepare(self, passes: list[datetime]) -> None:
        """Write what is not there yet of the first state and of `passes`."""

    def advance(self, at: datetime) -> Pass:
        """Make the next pass and write what it changed."""

    def page(self) -> Page:
        """To look at what is there, and to act on it."""

    def settings(self) -> dict[str, str]:
        """Where it was written, by the names that simulator.toml uses in braces."""


# A start loads only what its family needs: databases, spreadsheets and an HTTP client cost half a second.
# ruff: noqa: PLC0415


def served(world: World, directory: Path) -> Application | None:
    """The application of a family with a server; None for any other."""
    match world.script.family:
        case "laravel":
            from lapor_gateway.simulators.region.laravel import LaravelApplication

            return LaravelApplication(world, directory)
        case "desk":
            from lapor_gateway.simulators.region.desk import MessageDesk

            return MessageDesk(world, directory)
        case _:
            return None


def writer_of(world: World, directory: Path, database_url: str | None) -> Writer:
    """Raises `ScriptError` for a family that there is not."""
    match world.script.family:
        case "school":
            from lapor_gateway.simulators.region.school import SchoolDatabase

            return SchoolDatabase(world, directory, database_url)
        case "spreadsheet":
            from lapor_gateway.simulators.region.spreadsheet import SpreadsheetFolder

            return SpreadsheetFolder(world, directory)
        case name:
            known = "laravel, school, spreadsheet, desk"
            raise ScriptError(f"{world.name}/simulator.toml: no family {name!r}; there are {known}")


_EPILOG = """\
Example, to train with:

  lapor-gateway simulate region connectors/WILAYAH --complaints 20 --port 8091
  then open http://127.0.0.1:8091/ : read complaints, answer them, file one as a citizen. Stop with Ctrl-C;
  the next start with the same words goes on where this one ended. docs/simulators.md is a lesson.

What the gateway may write back:
  laravel      PATCH /api/complaints/{id} {"status", "sp4n_id", "sp4n_status"}, POST /api/complaints/{id}/answers
               {"answer", "officer", "external_id"}, POST /api/complaints (a complaint from LAPOR!)
  school       its own SQL; the page shows the tables as they are
  spreadsheet  files put in the folder "returned" of the ready line; a person takes them over on the page
  desk         POST /hooks/lapor, signed as Standard Webhooks with "inbox_secret" of the ready line

Control (laravel, desk), on the same port:
  GET  /_control/state    what is true, what was done, what was asked
  POST /_control/act      {"type": "filed" | "answered" | "changed", …}, as a person would
  POST /_control/advance  the next pass: edits, closures, deletions, new complaints
  POST /_control/faults   {"status": 500 | "html" | "down" | "reset" | "silence" | "repeat-page" | "endless",
                           "on"?: "read" | "write" | "login", "share"?, "seed"?, "after"?, "times"?,
                           "commit"?: "no" | "yes" | "late", "delay"?, "rules"?: [more of these]}
"""


def arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m lapor_gateway.simulators.region",
        description="A simulated regional complaint application, made from FOLDER/simulator.toml.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("folder", type=Path, help="a region's folder, holding simulator.toml")
    parser.add_argument("--data", type=Path, required=True, help="where this region's state is kept")
    parser.add_argument("--complaints", type=int, default=100, help="distinct complaints at the first start")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--port", type=int, default=0, help="of a family with a server; 0 takes a free one")
    parser.add_argument(
        "--now", type=datetime.fromisoformat, help="today, at the first start (default: the clock)"
    )
    parser.add_argument("--database-url", help="school: a SQLAlchemy URL (default: a SQLite file in --data)")
    parser.add_argument("--faults", type=Path, help="with a server: TOML of what POST /_control/faults takes")
    parser.add_argument("--hook-url", help="desk: where webhooks go (also later, by POST /_control/hooks)")
    parser.add_argument("--hook-secret", help="desk: whsec_… (default: one that follows from the seed)")
    parser.add_argument(
        "--end-with-stdin", action="store_true", help="with a server: end when standard input closes"
    )
    parser.add_argument("--wait-for-hook", action="store_true", help="desk: wait until --hook-url is there")
    parser.add_argument("--advance", action="store_true", help="school, spreadsheet: apply the next pass")
    parser.add_argument(
        "--page",
        action="store_true",
        help="school, spreadsheet: serve the page until ended, instead of ending",
    )
    parser.add_argument("--no-new", action="store_true", help="later passes bring no new complaints")
    parser.add_argument("--describe", action="store_true", help="print what is true, as JSON, and end")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Exit code 2 for what cannot be used (folder, family, state, database), with its reason on stderr."""
    args = arguments(argv)
    try:
        script = read_script(args.folder)
        world = first_world(args, script)
        passes = state.recall(args.data, _state_of(world)).passes
        application = served(world, args.data)
        if application is not None:
            return _run_server(args, application, passes)
        return _run_writer(args, writer_of(world, args.data, args.database_url), world, passes)
    except (ScriptError, state.OtherStateError, OSError) as wrong:
        print(wrong, file=sys.stderr)
        return 2


def first_world(args: argparse.Namespace, script: Script) -> World:
    """The complaints of the first start. Raises `OtherStateError` for a folder of other ones."""
    zone = ZoneInfo(script.zone)
    now = args.now or datetime.now(zone)
    now = now.astimezone(zone) if now.tzinfo else now.replace(tzinfo=zone)
    name = args.folder.resolve().name
    wanted = state.State(name, args.complaints, args.seed, now.replace(microsecond=0))
    kept = state.recall(args.data, wanted)
    here_and_now = kept.now.astimezone(zone)
    return World(name, script, kept.complaints, kept.seed, here_and_now, grows=not args.no_new)


def _state_of(world: World) -> state.State:
    return state.State(world.name, world.count, world.seed, world.now)


def _run_writer(args: argparse.Namespace, writer: Writer, world: World, passes: list[datetime]) -> int:
    """Families without a server: write what is not there yet, say so, and end."""
    if args.describe:
        replay(Acts(world, args.data), passes, world.advance)
        return _print(world.truth())
    writer.prepare(passes)
    if args.advance:
        writer.advance(datetime.now(world.now.tzinfo))
    state.keep(args.data, world)
    if args.page:
        asyncio.run(_serve_page(args, writer, world))
        return 0
    return _print(_ready(args, world, None, writer.settings()))


async def _serve_page(args: argparse.Namespace, writer: Writer, world: World) -> None:
    """The page of a family without an interface of its own."""
    page = writer.page()

    async def handle(request: Request) -> Answer:
        return page.answer(request)

    stop = _stopping(args)
    server = await listen(handle, args.port)
    _print(_ready(args, world, port_of(server), writer.settings()))
    await stop.wait()
    server.close()


def _run_server(args: argparse.Namespace, application: Application, passes: list[datetime]) -> int:
    application.replay(passes)
    if args.describe:
        return _print(application.world.truth(application.sending()))
    if args.faults is not None:
        application.order(read_faults(args.faults))
    state.keep(args.data, application.world)
    asyncio.run(_serve(args, application))
    return 0


async def _serve(args: argparse.Namespace, application: Application) -> None:
    """Until SIGTERM or SIGINT, or (if asked) the end of standard input: a parent that is killed takes it along."""
    stop = _stopping(args)
    server = await listen(application.handle, args.port)
    secret = args.hook_secret or hook_secret(application.world)
    settings = {**application.credentials(), "hook_secret": secret}
    _print(_ready(args, application.world, port_of(server), settings))
    if args.hook_url:
        application.start(args.hook_url, secret, wait=args.wait_for_hook)
    await stop.wait()
    server.close()


def _stopping(args: argparse.Namespace) -> asyncio.Event:
    """Set at SIGTERM or SIGINT, or (if asked) at the end of standard input. Needs a running loop."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if args.end_with_stdin:
        threading.Thread(target=_wait_for_stdin, args=(loop, stop), daemon=True).start()
    return stop


def _wait_for_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    sys.stdin.buffer.read()
    loop.call_soon_threadsafe(stop.set)


def hook_secret(world: World) -> str:
    """A training secret in the form of Standard Webhooks, following from the seed."""
    key = hashlib.sha256(f"{world.seed}:{world.name}:hook".encode()).digest()
    return "whsec_" + base64.b64encode(key).decode()


def _ready(
    args: argparse.Namespace, world: World, port: int | None, settings: dict[str, str]
) -> dict[str, Any]:
    """The line that says it is ready, with how to point a gateway at it (simulator.toml's [gateway])."""
    truth = world.truth()
    url = None if port is None else f"http://127.0.0.1:{port}"
    known = {"url": url or "", **settings}
    gateway = world.script.gateway
    return {
        "ready": True,
        "port": port,
        "url": url,
        "region": world.name,
        "family": world.script.family,
        "complaints": truth.complaints,
        "distinct": truth.distinct,
        "preload": str((args.data / state.PRELOAD).resolve()),
        "overrides": {key: value.format_map(known) for key, value in gateway.overrides.items()},
        "secrets": {key: value.format_map(known) for key, value in gateway.secrets.items()},
        "hook": gateway.hook or None,
        "settings": known,
    }


def _print(content: object) -> int:
    sys.stdout.write(msgspec.json.encode(content).decode() + "\n")
    sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
