"""Who may send how many when several regions share one account: equal parts, and the odd ones in turn. Pure."""

from collections.abc import Sequence


def shares(want: int, waiting: Sequence[str], turn: int) -> dict[str, int]:
    """How many of `want` requests each waiting region may start; those that get one more rotate with `turn`.

    A region with ten years to catch up gets what the one with a single complaint of today gets, while both wait.
    """
    if not waiting:
        return {}
    each, odd = divmod(want, len(waiting))
    first = turn % len(waiting)
    in_turn = [*waiting[first:], *waiting[:first]]
    found = {region: each + (place < odd) for place, region in enumerate(in_turn)}
    return {region: count for region, count in found.items() if count}
