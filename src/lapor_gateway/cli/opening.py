"""What every command starts with: the settings of this call, and an open gateway."""

import contextlib
import gc
import getpass
import os
import sys
from collections.abc import Callable, Coroutine, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

import typer

from lapor_gateway import catalogue
from lapor_gateway.catalogue import text

if TYPE_CHECKING:
    from lapor_gateway.jobs.gateway import Gateway
    from lapor_gateway.settings import Settings

_OBJECTS_BETWEEN_COLLECTIONS: Final = 50_000
_Answer = TypeVar("_Answer")

AsJson = Annotated[bool, typer.Option("--json", help=text("help.json"))]


def start_quickly() -> None:
    """What a start need not do: 75 ms of some 400. Call before anything heavy is imported."""
    # Modules are no garbage, nor is a page of records: looking for cycles less often saves 4 % of a sync, too.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 20, 50)
    # httpx has a command line of its own, for which it imports rich, pygments and click; it can do without.
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]


def person(by: str | None) -> str:
    """Who decides: the name that was given, else the user as the operating system calls them."""
    if by and by.strip():
        return by
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "operator"


By = Annotated[str | None, typer.Option("--by", metavar="NAME", help=text("help.by"))]


class Call:
    """One call of the command line: the data folder that was named, and the settings that follow."""

    def __init__(self, data_dir: Path | None, *, debug: bool = False) -> None:
        self.asked_data_dir = data_dir
        self.debug = debug

    @property
    def data_dir(self) -> Path | None:
        """The folder that was named; else ./data where a demo or an `init` has put settings of its own."""
        if self.asked_data_dir is not None:
            return self.asked_data_dir
        from lapor_gateway.settings import FILE_NAME, PREFIX

        unnamed = not any(name in os.environ for name in (f"{PREFIX}DATA_DIR", f"{PREFIX}CONFIG"))
        usual = Path("data")
        return usual if unnamed and not Path(FILE_NAME).exists() and (usual / FILE_NAME).is_file() else None

    @cached_property
    def settings(self) -> "Settings":
        """Settings, read once. Raises `ConfigurationError`."""
        from lapor_gateway.observability import start_logging
        from lapor_gateway.settings import load_settings

        settings = load_settings(self.data_dir)
        catalogue.use(settings.lang)
        start_logging(settings.log_level)
        return settings

    def read_anew(self) -> None:
        """Let the settings be read again where they are next asked for."""
        self.__dict__.pop("settings", None)


def call_of(context: typer.Context) -> Call:
    call = context.obj
    assert isinstance(call, Call)
    return call


@contextlib.contextmanager
def gateway_of(context: typer.Context, *, with_world: bool = False) -> "Iterator[Gateway]":
    """An open gateway. `with_world` also starts a demo's simulators for the time of the command, if they are asleep."""
    from lapor_gateway.jobs.gateway import opened

    call = call_of(context)
    with _world(call) if with_world else contextlib.nullcontext(), opened(call.settings) as gateway:
        yield gateway


@contextlib.contextmanager
def _world(call: Call) -> Iterator[None]:
    if not (call.settings.data_dir / "demo.json").is_file():
        yield
        return
    from lapor_gateway.cli.demo.world import awakened

    with awakened(call.settings):
        call.read_anew()  # a simulator whose port was taken meanwhile has another address now
        yield


def run_async(work: Callable[[], Coroutine[Any, Any, _Answer]]) -> _Answer:
    """Run `work` on the quickest event loop there is."""
    gc.freeze()  # what was imported stays for good
    try:
        import uvloop
    except ImportError:
        import asyncio

        return asyncio.run(work())
    return uvloop.run(work())
