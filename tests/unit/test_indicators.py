"""The ministry's formulas, the bands, and what is not measured."""

from datetime import UTC, datetime

import pytest

from lapor_gateway.domain.indicators import (
    Average,
    Band,
    Figures,
    Institution,
    Level,
    Scope,
    Share,
    Unmeasured,
    Why,
    average,
    band_of,
    figures,
    share,
)
from lapor_gateway.domain.month_counts import (
    Grouped,
    Known,
    Measure,
    Rules,
    Said,
    counts_of,
    journey_of,
    of_month,
)

SCOPE = Scope(Level.ALL, "", "")


def of(counts: Grouped, *institutions: Institution) -> Figures:
    return figures("2020-10", SCOPE, counts, institutions)


def test_the_headline_of_86_percent_is_81_percent_done_and_5_in_process() -> None:
    found = of(
        {
            (Measure.REPORTS, ""): 4088,
            (Measure.STANDING, "done"): 3309,
            (Measure.STANDING, "in_progress"): 206,
            (Measure.STANDING, "open"): 573,
        }
    )
    shares = (found.ministry.penyelesaian, found.ministry.proses, found.gateway.tindak_lanjut)
    assert [round(one.percent) for one in shares if isinstance(one, Share)] == [81, 5, 86]
    assert found.gateway.tindak_lanjut == Share(3515, 4088, 85.98)
    assert (found.band, found.band_tindak_lanjut) == (Band.FROM_50, Band.FROM_50)


def test_decrees_count_institutions_and_syncs_count_under_another_name() -> None:
    found = of({}, *[Institution(True, (99, 100))] * 38, Institution(False, (0, 100)))
    assert found.ministry.keterhubungan == Share(38, 39, 97.44)
    assert found.gateway.tersambung == Share(3762, 3900, 96.46)


def test_what_cannot_be_known_is_unmeasured_and_no_zero() -> None:
    found = of({})
    assert found.ministry.keaktifan_akun == Unmeasured(Why.LOGINS_NOT_VISIBLE)
    assert found.ministry.penyelesaian == Unmeasured(Why.NO_REPORTS)
    assert found.gateway.satisfaction == Unmeasured(Why.NO_RATING)
    assert found.band is Band.UNMEASURED


def test_reports_whose_status_nobody_has_read_are_not_called_unfinished() -> None:
    found = of({(Measure.REPORTS, ""): 5, (Measure.STANDING, "unread"): 5})
    assert found.ministry.penyelesaian == Unmeasured(Why.STATUS_NEVER_READ)
    read = of({(Measure.REPORTS, ""): 5, (Measure.STANDING, "unread"): 3, (Measure.STANDING, "done"): 2})
    assert read.ministry.penyelesaian == Share(2, 5, 40.0)


@pytest.mark.parametrize(
    ("part", "whole", "band"),
    [
        (91, 100, Band.ABOVE_90),
        (90, 100, Band.FROM_50),
        (901, 1000, Band.ABOVE_90),
        (50, 100, Band.FROM_50),
        (499, 1000, Band.BELOW_50),
        (0, 7, Band.ZERO),
        (0, 0, Band.UNMEASURED),
    ],
)
def test_bands(part: int, whole: int, band: Band) -> None:
    assert band_of(share(part, whole, Why.NO_REPORTS)) is band


def test_mean_and_median_come_from_how_often_each_value_was() -> None:
    assert average({1: 1, 2: 1, 9: 2}, Why.NO_RATING) == Average(5.25, 5.5, 4)
    assert average({0: 3, 10: 2}, Why.NO_RATING) == Average(4.0, 0.0, 5)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1_000_000)


RULES = Rules(UTC, lambda a, b: (b - a).days)
RECEIVED = Said("received", "received", at("2026-02-27T00:00+00:00"), "{}")
TAKEN = Said("taken", "accepted", at("2026-03-01T00:00+00:00"), "{}")


def counted(*entries: Said, known: Known | None = None, month: int = 202603) -> Grouped:
    return of_month(counts_of(journey_of(entries), known or Known(), RULES), month)


def test_a_report_counts_in_the_month_in_which_lapor_took_it_and_is_seen_in_its_own() -> None:
    assert (Measure.REPORTS, "") not in counted(RECEIVED, TAKEN, month=202602)
    assert counted(RECEIVED, TAKEN, month=202602) == {(Measure.SEEN, "accepted"): 1}
    assert counted(RECEIVED, TAKEN)[Measure.REPORTS, ""] == 1


def test_linked_and_double_complaints_count_once_with_their_first() -> None:
    linked = Said("link", "linked", TAKEN.at, '{"to":"LG-1"}')
    assert (Measure.REPORTS, "") not in counted(RECEIVED, linked)
    double = Said("link", "accepted", TAKEN.at, '{"to":"LG-1"}')
    assert counted(RECEIVED, TAKEN, double) == {(Measure.DOUBLE, ""): 1}
    split = Said("split", "accepted", TAKEN.at, "{}")
    assert counted(RECEIVED, TAKEN, double, split)[Measure.REPORTS, ""] == 1


def test_only_an_institutions_follow_up_at_lapor_is_an_answer_there() -> None:
    def written(side: str, author: str) -> Said:
        facts = f'{{"author":"{author}","side":"{side}","written_at":{at("2026-03-05T00:00+00:00")}}}'
        return Said("follow_up", "accepted", at("2026-03-09T00:00+00:00"), facts)

    for other in (written("national", "reporter"), written("region", "institution")):
        assert (Measure.ANSWERED, "") not in counted(RECEIVED, TAKEN, other)
    found = counted(RECEIVED, TAKEN, written("national", "institution"))
    assert found[Measure.FOLLOW_UP_DAYS, "4"] == 1
    assert found[Measure.ACTION, "follow_up"] == 1


def test_a_regions_answer_counts_from_when_it_stands_at_lapor_and_a_reporters_edit_never() -> None:
    def told(author: str) -> tuple[Said, ...]:
        when = at("2026-03-03T00:00+00:00")
        facts = f'{{"author":"{author}","number":4,"side":"region","written_at":{when}}}'
        sent = Said("follow_up_written", "accepted", at("2026-03-07T00:00+00:00"), '{"number":4}')
        return Said("follow_up", "accepted", when, facts), sent

    assert counted(RECEIVED, TAKEN, *told("institution"))[Measure.FOLLOW_UP_DAYS, "6"] == 1
    assert (Measure.ANSWERED, "") not in counted(RECEIVED, TAKEN, *told("reporter"))
    assert (Measure.ANSWERED, "") not in counted(RECEIVED, TAKEN, told("institution")[0])


def test_an_undone_number_takes_the_report_out_again() -> None:
    undone = Said("undo", "held", at("2026-03-04T00:00+00:00"), "{}")
    assert (Measure.REPORTS, "") not in counted(RECEIVED, TAKEN, undone)
