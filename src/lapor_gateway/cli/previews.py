"""A mapping seen from both sides: the raw value and what becomes of it, with every word that no table has."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from lapor_gateway.cli.screen import print_table, say
from lapor_gateway.sources.manifest import ChannelManifest
from lapor_gateway.sources.preview import preview, silent_fields, unknown_words

_LONGEST = 60


def as_plain(channel: ChannelManifest, records: Sequence[Any]) -> dict[str, Any]:
    """The same as JSON-able values."""
    return {
        "channel": channel.id,
        "records": [
            {
                "source_id": seen.source_id,
                "fields": [asdict(row) for row in seen.rows],
                "flags": seen.flags,
                "holds": seen.holds,
                "faults": seen.faults,
            }
            for seen in (preview(channel, record) for record in records)
        ],
        "unknown_words": [asdict(word) for word in unknown_words(channel, records)],
        "silent_fields": silent_fields(channel, records),
    }


def print_preview(channel: ChannelManifest, records: Sequence[Any]) -> None:
    say("preview.channel", channel=channel.id, records=len(records))
    for record in records:
        seen = preview(channel, record)
        say("preview.record", source_id=seen.source_id or "?")
        rows = [(row.field, row.where, _short(row.raw), _short(row.normalized)) for row in seen.rows]
        print_table(("field", "where", "raw", "normalized"), rows)
        for fault in seen.faults:
            say("preview.fault", field=fault.field, rule=fault.rule, value=_short(fault.value))
        for fault in seen.holds:
            say("preview.hold", field=fault.field, rule=fault.rule, value=_short(fault.value))
    words = unknown_words(channel, records)
    if words:
        say("preview.unknown")
        print_table(("field", "table", "word", "count"), [(w.field, w.table, w.word, w.count) for w in words])
    silent = silent_fields(channel, records) if records else ()
    if silent:
        say("preview.silent", fields=", ".join(silent))


def _short(value: object) -> str:
    words = "-" if value is None else " ".join(str(value).split())
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"
