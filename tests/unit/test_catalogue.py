"""The catalogue of texts: both languages, the same places, nothing missing, nothing unused."""

import ast
import re
from pathlib import Path
from string import Formatter

import pytest

import lapor_gateway
from lapor_gateway import catalogue
from lapor_gateway.book.findings import FindingKind
from lapor_gateway.catalogue import MESSAGES, SENTENCES
from lapor_gateway.catalogue.patterns import Patterns
from lapor_gateway.domain.admission import Reason
from lapor_gateway.domain.balance import Verdict

PACKAGE = Path(lapor_gateway.__file__).parent


def places(message: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in Formatter().parse(message) if name is not None}


@pytest.mark.parametrize("key", sorted(MESSAGES))
def test_a_message_says_the_same_in_both_languages(key: str) -> None:
    indonesian, english = MESSAGES[key]
    assert indonesian.strip()
    assert english.strip()
    assert places(indonesian) == places(english)
    assert indonesian.startswith(("\n", " ")) == english.startswith(("\n", " "))


@pytest.mark.parametrize("english", sorted(SENTENCES))
def test_an_errors_translation_has_the_same_places(english: str) -> None:
    assert places(SENTENCES[english]) == places(english)


def literal_keys() -> set[str]:
    """Every key that code names literally, in `text("…")`, `say("…")` and their like."""
    called = re.compile(r'\b(?:text|say|tell|described|self\._say|well|warned|failed)\(\s*"([a-z][\w .-]*)"')
    sources = [path.read_text("utf-8") for path in (PACKAGE / "cli").rglob("*.py")]
    return {key for source in sources for key in called.findall(source) if "." in key}


def test_every_key_that_the_command_line_names_is_in_the_catalogue() -> None:
    assert sorted(literal_keys() - MESSAGES.keys()) == []


def test_every_command_has_help_and_an_example() -> None:
    called = re.compile(r'described\("([^"]+)"\)')
    commands = {
        name for path in (PACKAGE / "cli").rglob("*.py") for name in called.findall(path.read_text("utf-8"))
    }
    assert len(commands) > 40
    missing = [f"{part}.{name}" for name in commands for part in ("help", "example")]
    assert sorted(set(missing) - MESSAGES.keys()) == []


def test_every_heading_of_a_table_is_in_the_catalogue() -> None:
    headings: set[str] = set()
    for path in (PACKAGE / "cli").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "print_table" and node.args:
                first = node.args[0]
                if isinstance(first, ast.Tuple):
                    headings |= {str(one.value) for one in first.elts if isinstance(one, ast.Constant)}
    assert headings
    assert sorted({f"column.{name}" for name in headings} - MESSAGES.keys()) == []


@pytest.mark.parametrize(
    "key",
    [
        *(f"finding.{kind}" for kind in FindingKind),
        *(f"verdict.{verdict}" for verdict in Verdict),
        *(f"reason.{reason}" for reason in Reason if reason is not Reason.OPERATOR),
    ],
)
def test_every_word_of_the_domain_that_needs_explaining_is_explained(key: str) -> None:
    assert catalogue.is_known(key)


def test_a_finished_sentence_is_recognised_by_its_template() -> None:
    patterns = Patterns(
        {"There is no {what} {name}.": "Tidak ada {what} {name}.", "There is no {what}.": "Tak ada {what}."}
    )
    assert patterns.translated("There is no channel a.b.") == "Tidak ada channel a.b."
    assert patterns.translated("Something else.") == "Something else."


def test_a_spreadsheet_without_its_headings_is_told_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "language", lambda: "id")
    english = "The file september.csv lacks the headings No. Tiket, Isi Laporan; found: a, b, c."
    assert catalogue.sentence(english) == (
        "Berkas september.csv tidak punya judul kolom No. Tiket, Isi Laporan; yang ditemukan: a, b, c."
    )
    nothing = catalogue.sentence("The file a.csv lacks the headings No; found: none.")
    assert nothing == "Berkas a.csv tidak punya judul kolom No; tidak ada judul yang ditemukan."


def test_the_sentence_within_a_sentence_is_translated_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "language", lambda: "id")
    english = "The setting national.x.max_in_flight is wrong: Input should be a valid number."
    assert catalogue.sentence(english) == "Pengaturan national.x.max_in_flight salah: harus bilangan."


def test_details_of_a_balance_are_translated_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "language", lambda: "id")
    english = "source: the source shows 60, the book has seen 61; not counted yet: national"
    assert catalogue.details(english) == (
        "sumber: sumber menunjukkan 60, buku melihat 61; belum dihitung: national"
    )


def test_the_language_follows_the_environment_until_one_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_chosen", type(catalogue._chosen)("language", default=None))
    monkeypatch.setenv(catalogue.VARIABLE, "en")
    assert catalogue.text("word.yes") == "yes"
    catalogue.use("id")
    assert catalogue.text("word.yes") == "ya"
    monkeypatch.delenv(catalogue.VARIABLE)
    assert catalogue.language() == "id"


def raised_sentences(folder: Path) -> set[str]:
    """Sentences and cures of our errors as templates, each value as {}; what is built elsewhere is left out."""
    found: set[str] = set()
    for path in folder.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and re.fullmatch(
                r"(?:Configuration|NotFound|NotAllowed|OutOfReach|Gateway|SourceFault|Credential)Error",
                getattr(node.func, "id", ""),
            ):
                said = [*node.args[:1], *(word.value for word in node.keywords if word.arg == "cure")]
                found |= {template for template in map(template_of, said) if template}
    return found


def template_of(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return ""


def test_what_goes_wrong_is_said_in_bahasa_indonesia() -> None:
    known = {re.sub(r"\{\w+\}", "{}", template) for template in SENTENCES}
    assert sorted(raised_sentences(PACKAGE / "cli") - known) == []
    raised = set().union(
        *(raised_sentences(PACKAGE / part) for part in ("book", "jobs", "sources", "cli")),
        raised_sentences(PACKAGE / "domain"),
    )
    missing = sorted(raised - known)
    assert len(missing) <= len(raised) // 10, missing
