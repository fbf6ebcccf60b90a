"""Figures in words: the same on screen, on paper and in a spreadsheet's notes."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lapor_gateway.catalogue import is_known, language, text
from lapor_gateway.cli.screen import moment

if TYPE_CHECKING:
    from lapor_gateway.book.obstacles import ObstacleView
    from lapor_gateway.domain.indicators import Figures, Scope
    from lapor_gateway.domain.national_figures import Explanation

MINISTRY = ("keterhubungan", "keaktifan_akun", "jumlah_laporan", "proses", "penyelesaian")
GATEWAY = (
    "tindak_lanjut", "answered", "follow_up_days", "satisfaction", "tersambung", "actions", "at_national", "doubles",
)  # fmt: skip


def named_values(figures: "Figures") -> list[tuple[str, Any]]:
    """(name, value) of the ministry's five, then of what the gateway measures."""
    five = [(name, getattr(figures.ministry, name)) for name in MINISTRY]
    return five + [(name, getattr(figures.gateway, name)) for name in GATEWAY]


def shown(value: Any) -> str:
    """A measured value, or that and why it is not measured."""
    from lapor_gateway.domain.indicators import Average, Share, Unmeasured

    match value:
        case Share(part, whole, percent):
            return text("shown.share", percent=decimal(percent), part=grouped(part), whole=grouped(whole))
        case Average(mean, median, of):
            return text("shown.average", mean=decimal(mean), median=decimal(median), of=grouped(of))
        case Unmeasured(why):
            return f"{text('unmeasured')}: {text(f'why.{why}')}"
    return grouped(value.value)


def briefly(value: Any) -> str:
    """The same where a column is narrow: the percentage, the mean, or that it is not measured."""
    from lapor_gateway.domain.indicators import Average, Share, Unmeasured

    match value:
        case Share(percent=percent):
            return f"{decimal(percent)} %"
        case Average(mean=mean):
            return decimal(mean)
        case Unmeasured():
            return text("unmeasured")
    return grouped(value.value)


def decimal(value: float) -> str:
    """Two decimals, with the language's own mark."""
    written = f"{value:,.2f}"
    return written.translate(str.maketrans(",.", ".,")) if language() == "id" else written


def spoken(figure: str) -> str:
    """Decimal text with the language's own mark."""
    return figure.replace(".", ",") if language() == "id" else figure


def day_name(at: str) -> str:
    """An instant (RFC 3339) as people write it: 5 Maret 2026 pukul 08.24 WIB."""
    day, time, zone = moment(at).split(" ")
    year, month, number = day.split("-")
    name = text(f"month.{int(month)}")
    return text(
        "shown.moment", day=int(number), month=name, year=year, time=time.replace(":", "."), zone=zone
    )


def grouped(value: int) -> str:
    written = f"{value:,}"
    return written.replace(",", ".") if language() == "id" else written


def month_name(month: str) -> str:
    """`2026-03` as people write it."""
    year, number = month.split("-")
    return f"{text(f'month.{int(number)}')} {year}"


def scope_name(scope: "Scope") -> str:
    key = f"scope.{scope.level}"
    return (
        text(key, name=scope.name)
        if is_known(key) and scope.name
        else text(key)
        if is_known(key)
        else scope.name
    )


def obstacle_text(one: "ObstacleView") -> str:
    """What stands in the way, in a phrase."""
    return text(f"obstacle.{one.kind}", **{**one.facts, "description": one.description or ""})


def explanation_text(one: "Explanation", most: int = 3) -> str:
    """What makes a difference, how many complaints, and some of their references."""
    said = text(f"differs.{one.cause}")
    if one.count is None:
        return said
    named = ", ".join(one.complaints[:most])
    more = " …" if one.count > most and named else ""
    return f"{said}: {one.count}" + (f" ({named}{more})" if named else "")


def reasons_text(reasons: Mapping[str, int]) -> str:
    return ", ".join(f"{text(f'restated.{name}')} {count}" for name, count in sorted(reasons.items()))


def standing_text(name: str | None) -> str:
    return "-" if name is None else text(f"standing.{name}")


def heading(column: str) -> str:
    """A column's title as paper and spreadsheets write it."""
    title = text(f"column.{column}")
    return title[:1].upper() + title[1:]


def compared(one: "Figures") -> tuple[str, ...]:
    """One scope beside others: reports, completed, in process, both, band, days to a follow-up, syncs."""
    return (
        scope_name(one.scope),
        briefly(one.ministry.jumlah_laporan),
        briefly(one.ministry.penyelesaian),
        briefly(one.ministry.proses),
        briefly(one.gateway.tindak_lanjut),
        text(f"band.{one.band}"),
        briefly(one.gateway.follow_up_days),
        briefly(one.gateway.tersambung),
    )
