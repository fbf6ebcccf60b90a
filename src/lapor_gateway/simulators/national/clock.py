"""The endpoint's clock, which may be wrong, and times as the national side writes them."""

import time
from datetime import datetime, timedelta, timezone
from email.utils import formatdate

WIB = timezone(timedelta(hours=7), "WIB")


class Clock:
    """The true time plus `offset` seconds, as a server whose clock is off shows it."""

    def __init__(self, offset: float = 0.0) -> None:
        self.offset = offset
        self._second = 0
        self._header = ""

    def header(self) -> str:
        """The value of the header Date, for this second."""
        second = int(time.time() + self.offset)
        if second != self._second:
            self._second, self._header = second, formatdate(second, usegmt=True)
        return self._header


def wib(seconds: float) -> str:
    """A time in seconds since the epoch as the national side writes it: dd-mm-YYYY HH:MM:SS, in WIB."""
    return datetime.fromtimestamp(seconds, WIB).strftime("%d-%m-%Y %H:%M:%S")


def seconds_of(text: str) -> float:
    """Seconds since the epoch of dd-mm-YYYY HH:MM:SS in WIB, or of ISO 8601. Raises ValueError."""
    try:
        return datetime.strptime(text, "%d-%m-%Y %H:%M:%S").replace(tzinfo=WIB).timestamp()
    except ValueError:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=WIB)).timestamp()
