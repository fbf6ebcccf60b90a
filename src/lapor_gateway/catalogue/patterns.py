"""Recognises a finished English sentence by its template, and says the same in the other language."""

import re
from collections.abc import Mapping

_PLACE = re.compile(r"\{(\w+)\}")


class Patterns:
    """English templates with places in braces, and what stands for each; compiled at the first use only."""

    def __init__(self, templates: Mapping[str, str]) -> None:
        self._templates = templates
        self._compiled: list[tuple[re.Pattern[str], str]] = []

    def translated(self, english: str) -> str:
        """The sentence in the other language, its values put in; unchanged where no template fits."""
        exact = self._templates.get(english)
        if exact is not None:
            return exact
        if not self._compiled:
            # The most literal text first, so that a template of mere places never takes another's sentence.
            longest_first = sorted(self._templates, key=lambda known: -len(_PLACE.sub("", known)))
            self._compiled = [(_pattern(known), self._templates[known]) for known in longest_first]
        for pattern, template in self._compiled:
            found = pattern.fullmatch(english)
            if found:
                values = found.groupdict()
                if "why" in values:  # the one place that holds a sentence itself
                    values["why"] = self.translated(values["why"])
                return template.format(**values)
        return english


def _pattern(template: str) -> re.Pattern[str]:
    parts = _PLACE.split(template)
    known: set[str] = set()
    pattern = ""
    for index, part in enumerate(parts):
        if index % 2 == 0:
            pattern += re.escape(part)
        elif part in known:
            pattern += f"(?P={part})"
        else:
            known.add(part)
            pattern += f"(?P<{part}>.*?)"
    return re.compile(pattern, re.DOTALL)
