"""The simulated world of a demo: every region's application and the national endpoint, pointed at by its settings."""

import contextlib
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import msgspec

from lapor_gateway.cli.demo.folder import account_names, copy_regions, credentials_from, write_settings
from lapor_gateway.cli.demo.plan import SIMULATORS, Plan, read_plan
from lapor_gateway.cli.demo.processes import NATIONAL, Simulators, call
from lapor_gateway.settings import DEFAULT_ACCOUNT, Settings
from lapor_gateway.shipped import shipped

_KEYS = ("auth", "token")


class Region(msgspec.Struct):
    """A region's simulator as it said it is: `url` is None for one that only writes files or tables."""

    region: str
    family: str
    distinct: int
    preload: str
    overrides: dict[str, str]
    secrets: dict[str, str]
    settings: dict[str, str]
    url: str | None = None
    hook: str | None = None


class World:
    """Every simulator of a demo. Use as a context manager: they end with the block, and with this process."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.folder = folder
        self.plan = plan
        self.regions: dict[str, Region] = {}
        self.national_url = plan.national_url or ""
        self._simulators = Simulators(folder / SIMULATORS)

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self._simulators.end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._simulators.end()

    @property
    def secrets(self) -> dict[str, str]:
        """Every secret that the region folders and the accounts name."""
        found = {name: value for region in self.regions.values() for name, value in region.secrets.items()}
        return {**found, **self._credentials()}

    def has_advanced(self, region: Region) -> bool:
        """Whether the region has had its second pass."""
        if region.url is not None:
            return bool(call(f"{region.url}/_control/state")["passes"])
        return bool(
            self._simulators.once(region.region, [*self._words(region.region), "--describe"])["passes"]
        )

    def advance(self, region: Region) -> None:
        """Let the region's citizens and staff go on: edits, closures, deletions."""
        if region.url is not None:
            call(f"{region.url}/_control/advance", {})
        else:
            self._simulators.once(region.region, [*self._words(region.region), "--advance"])

    def hooks_are_sent(self) -> bool:
        """Whether every webhook planned so far has gone out."""
        senders = [region for region in self.regions.values() if region.hook]
        return all(call(f"{region.url}/_control/state")["hooks"]["done"] for region in senders)

    def send_hooks_to(self, base: str) -> None:
        """Tell the regions that send webhooks where they go."""
        for region in self.regions.values():
            if region.hook:
                secret = region.settings["hook_secret"]
                call(f"{region.url}/_control/hooks", {"url": base + region.hook, "secret": secret})

    def _start(self) -> None:
        copy_regions(self.folder, self.plan, {})
        starting = {name: self._simulators.begin(name, self._words(name)) for name in self.plan.regions}
        if self.plan.national_url is None:
            starting[NATIONAL] = self._simulators.begin(NATIONAL, self._national_words())
        said = {name: one.line() for name, one in starting.items()}
        for name, line in said.items():
            self._simulators.note(name, line)
        self.regions = {name: msgspec.convert(said[name], Region) for name in self.plan.regions}
        copy_regions(self.folder, self.plan, {name: one.overrides for name, one in self.regions.items()})
        if self.plan.national_url is None:
            self.national_url = said[NATIONAL]["url"]
            self._type_in(said[NATIONAL])
            write_settings(self.folder, self.plan, self.national_url)

    def _type_in(self, national: dict[str, Any]) -> None:
        """Let the endpoint hold what the regions' staff had typed in by hand; safe to repeat."""
        for region in self.regions.values():
            rows = [json.loads(row) for row in Path(region.preload).read_text("utf-8").splitlines()]
            call(f"{national['control']}preload", rows)

    def _words(self, region: str) -> list[str]:
        data = self.folder / SIMULATORS / region
        # No new ones in the second pass: the number of complaints that was asked for is the total.
        words = [str(shipped("connectors") / region), "--data", str(data), "--no-new"]
        return [*words, "--complaints", str(self.plan.regions[region]), "--seed", str(self.plan.seed)]

    def _national_words(self) -> list[str]:
        words = ["--data", str(self.folder / SIMULATORS / NATIONAL), "--seed", str(self.plan.seed)]
        for account in self._accounts():
            auth, token = (_credential(self.plan.seed, account, key) for key in _KEYS)
            words += ["--account", f"{account}={auth}:{token}"]
        return words

    def _accounts(self) -> list[str]:
        return sorted(set(account_names(self.folder, self.plan).values()))

    def _credentials(self) -> dict[str, str]:
        if self.plan.national_url is not None:
            return {f"national/{DEFAULT_ACCOUNT}/{key}": value for key, value in credentials_from().items()}
        return {
            f"national/{account}/{key}": _credential(self.plan.seed, account, key)
            for account in self._accounts()
            for key in _KEYS
        }


@contextlib.contextmanager
def awakened(settings: Settings) -> Iterator[None]:
    """Run a demo's simulators for the time of a command; does nothing in any other data folder."""
    plan = read_plan(settings.data_dir)
    if plan is None:
        yield
        return
    with World(settings.data_dir, plan):
        yield


def _credential(seed: int, account: str, key: str) -> str:
    """A training credential that follows from the seed, so that none has to be written down."""
    return "latihan-" + hashlib.sha256(f"{seed}:{account}:{key}".encode()).hexdigest()[:24]
