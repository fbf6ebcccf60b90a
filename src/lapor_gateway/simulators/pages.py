"""What the simulators' pages share: templates in two languages, forms, and a guard against other sites' forms."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from lapor_gateway.simulators.words import WORDS

LANGUAGES = ("id", "en")
PER_PAGE = 50
HEADERS = (
    (
        "Content-Security-Policy",
        "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; form-action 'self'",
    ),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "same-origin"),
    ("Cache-Control", "no-store"),
)
HTML = "text/html; charset=UTF-8"


@dataclass(frozen=True, slots=True)
class Visit:
    """One look at a page, or one form sent: what the address or the form says, by name."""

    given: Mapping[str, str]

    @property
    def lang(self) -> str:
        lang = self.given.get("lang", "")
        return lang if lang in LANGUAGES else LANGUAGES[0]

    @property
    def page(self) -> int:
        text = self.given.get("page", "")
        return max(int(text), 1) if text.isascii() and text.isdecimal() and len(text) < 9 else 1

    def word(self, name: str) -> str:
        return WORDS[name][LANGUAGES.index(self.lang)]

    def get(self, name: str) -> str:
        return self.given.get(name, "").strip()

    def is_checked(self, name: str) -> bool:
        return self.get(name) == "1"


def visit_of(text: str) -> Visit:
    """From a query or a form's body; of a name that comes twice the last counts."""
    found = parse_qs(text, keep_blank_values=True)
    return Visit({name: values[-1] for name, values in found.items()})


def is_foreign(headers: Mapping[str, str]) -> bool:
    """Whether a form may come from another site's page, or by another site's name for this address."""
    host = headers.get("host", "")
    name = urlsplit(f"//{host}").hostname
    origin = headers.get("origin")
    return (
        name not in ("127.0.0.1", "localhost", "::1")
        or headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none")
        or (origin is not None and urlsplit(origin).netloc != host)
    )


def render(template: str, visit: Visit, title: str, **values: Any) -> bytes:
    """A page as bytes; values are escaped."""
    page: str = _template(template).render(
        lang=visit.lang,
        word=visit.word,
        title=title,
        with_lang=lambda code: urlencode({**visit.given, "lang": code}),
        **values,
    )
    return page.encode()


@cache
def _template(name: str) -> Any:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - only who looks waits for it

    loader = PackageLoader("lapor_gateway.simulators")
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.globals["trouble"] = ""
    return environment.get_template(name)
