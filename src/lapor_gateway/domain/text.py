"""Cleans what people and machines wrote: control characters, HTML, white space; and makes a missing title."""

import html
import re
import unicodedata

TITLE_LENGTH = 80


def words(listed: str) -> frozenset[str]:
    """The words of a list written with spaces."""
    return frozenset(listed.split())


# C0 controls except tab and newline, DEL, and lone surrogates (no UTF-8 can carry them).
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_UNWANTED_BYTES = bytes([*range(9), *range(11, 32), 127])
_SHORT = 100  # characters: from here on translating bytes is faster than isprintable()
_BLANKS = re.compile(r"[ \t\f\v\u00a0]+")
_MANY_NEWLINES = re.compile(r"\n{3,}")
_TAG_NAME = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
_DROPPED = frozenset({"script", "style", "head", "template", "noscript"})
_BLOCKS = words(
    "address article aside blockquote br dd div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6 header "
    "hr li main nav ol p pre section table tr ul"
)
_ENDINGS = {
    "-->": re.compile("-->"),
    ">": re.compile(">"),
    **{f"</{element}": re.compile(rf"</{element}[^<>]*>?", re.IGNORECASE) for element in _DROPPED},
}
_INLINE = words(
    "a abbr acronym audio b bdi bdo big body button caption center cite code col colgroup data del details "
    "dfn em embed figcaption font html i iframe img input ins kbd label legend link map mark meta meter "
    "object option output param picture q s samp select small source span strike strong sub summary sup svg "
    "tbody td textarea tfoot th thead time title tt u var video wbr"
)


def clean(text: str) -> tuple[str, str | None]:
    """`text` trimmed, NFC, with LF line ends and without control characters; and the rule it broke, if any.

    The rule is "nul" where a NUL was removed, "control" where another control character was. Emoji stay.
    """
    if is_plain(text):
        return text.strip(), None
    rule = None
    if _UNWANTED.search(text):
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        without = _UNWANTED.sub("", text)
        if without != text:
            rule = "nul" if "\x00" in text else "control"
            text = without
    if not text.isascii() and not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return text.strip(), rule


def is_plain(text: str) -> bool:
    """ASCII without control characters, so with nothing to clean; the quick answer for most texts."""
    if not text.isascii():
        return False
    if len(text) < _SHORT:
        return text.isprintable()
    return len(text.encode("ascii").translate(None, _UNWANTED_BYTES)) == len(text)


def title_from(body: str) -> str:
    """The body's first words, at most 80 characters, cut at a word's end and then closed with `…`."""
    words = " ".join(body[: TITLE_LENGTH * 4].split())
    if len(words) <= TITLE_LENGTH and len(body) <= TITLE_LENGTH * 4:
        return words
    head = words[:TITLE_LENGTH]
    cut = head.rfind(" ")
    return (head[:cut] if cut > TITLE_LENGTH // 3 else head[:-1]).rstrip(" ,;:.-") + "…"


def plain_text(markup: str) -> str:
    """HTML as a person reads it: blocks on lines of their own, entities as characters, scripts dropped.

    Linear in the text's length and never raises, whatever it is given. What looks like a tag but is no
    element of HTML ("di depan <pasar>") is somebody's text and stays.
    """
    if "<" not in markup:
        return html.unescape(markup) if "&" in markup else markup
    lines = "".join(_pieces(markup)).split("\n")
    text = "\n".join(_BLANKS.sub(" ", html.unescape(line)).strip() for line in lines)
    return _MANY_NEWLINES.sub("\n\n", text).strip()


def _pieces(markup: str) -> list[str]:
    """The text between the tags, in order, with newlines where a block begins or ends."""
    pieces: list[str] = []
    unclosed: set[str] = set()
    position = 0
    while (start := markup.find("<", position)) >= 0:
        pieces.append(markup[position:start])
        position, shown = _skip_tag(markup, start, unclosed)
        pieces.append(shown)
    pieces.append(markup[position:])
    return pieces


def _skip_tag(markup: str, start: int, unclosed: set[str]) -> tuple[int, str]:
    """Where the text goes on after the `<` at `start`, and what is shown in the tag's place.

    `unclosed` remembers which endings the rest of the text lacks, so that each is looked for once.
    """
    if markup.startswith("<!--", start):
        return _after(markup, "-->", start + 4, unclosed), ""
    if markup.startswith(("<!", "<?"), start):
        return _after(markup, ">", start + 2, unclosed), ""
    name = _TAG_NAME.match(markup, start + 1)
    if name is None:
        return start + 1, "<"
    element = name[2].lower()
    if element in _DROPPED and not name[1]:
        end = _after(markup, f"</{element}", name.end(), unclosed)
        return (end if end > name.end() else _after(markup, ">", end, unclosed)), "\n"
    if element in _BLOCKS:
        return _after(markup, ">", name.end(), unclosed), "\n- " if element == "li" and not name[1] else "\n"
    if element in _INLINE or element in _DROPPED or ":" in element:
        return _after(markup, ">", name.end(), unclosed), " " if element in {"td", "th"} else ""
    return start + 1, "<"


def _after(markup: str, ending: str, start: int, unclosed: set[str]) -> int:
    """Behind the next `ending` (of any case); `start` where there is none, so that no text is lost."""
    if ending in unclosed:
        return start
    found = _ENDINGS[ending].search(markup, start)
    if found is None:
        unclosed.add(ending)
        return start
    return found.end()
