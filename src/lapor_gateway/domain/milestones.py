"""When a complaint reached what deadlines and indicators are counted from. Facts only; the rules stand elsewhere."""

from datetime import datetime

import msgspec


class Milestones(msgspec.Struct, frozen=True):
    """The moments of one complaint, all aware, None where it was not reached or is not known.

    `reported_at`: the citizen's report (at the source, else when we received it). `accepted_at`: LAPOR! took it.
    `verified_at`, `forwarded_at`: first shown there as verified, as assigned to an institution. `first_follow_up_at`,
    `last_follow_up_at`: an institution's answers. `replied_at`: the reporter's last reply. `closed_at`: done,
    archived or refused there; taken back when it is opened again. `rating`: the reporter's satisfaction, 1 to 5.
    """

    reported_at: datetime
    accepted_at: datetime | None = None
    verified_at: datetime | None = None
    forwarded_at: datetime | None = None
    first_follow_up_at: datetime | None = None
    last_follow_up_at: datetime | None = None
    replied_at: datetime | None = None
    closed_at: datetime | None = None
    rating: int | None = None
