"""The verdict claims no more than its counts prove."""

import pytest

from lapor_gateway.domain.balance import DAY, Count, Side, Verdict, verdict

NOW = 10 * DAY
ALL = frozenset(Side)


def counted(*sides: Side, agrees: bool = True, age: int = 0) -> dict[Side, Count]:
    return {side: Count(5, agrees, NOW - age) for side in sides}


@pytest.mark.parametrize(
    ("counts", "possible", "word"),
    [
        (counted(*Side), ALL, Verdict.BALANCED),
        (counted(Side.SOURCE, Side.LEDGER), ALL - {Side.NATIONAL}, Verdict.BALANCED),
        (counted(Side.SOURCE, Side.LEDGER), ALL, Verdict.UNPROVEN),
        ({}, ALL, Verdict.UNPROVEN),
        (counted(*Side, age=DAY), ALL, Verdict.BALANCED),
        (counted(*Side, age=DAY + 1), ALL, Verdict.UNPROVEN),
        (counted(*Side) | counted(Side.SOURCE, agrees=False), ALL, Verdict.GAP),
        (counted(*Side) | counted(Side.LEDGER, agrees=False), ALL, Verdict.GAP),
        (counted(*Side) | counted(Side.NATIONAL, agrees=False), ALL, Verdict.GAP),
        (counted(Side.LEDGER, agrees=False), ALL, Verdict.GAP),
    ],
)
def test_a_gap_wins_over_a_missing_count_and_a_missing_count_over_balance(
    counts: dict[Side, Count], possible: frozenset[Side], word: Verdict
) -> None:
    assert verdict(counts, possible, NOW) is word
