"""When a schedule is due: at each time of a cron expression in a time zone, or once.

Cron is Debian's, as ``cronsim`` computes it. Where clocks go forward, a job of a fixed hour that
does not exist that day runs at the first minute that does; where they go back it runs once, while
a job of every hour or minute runs in both hours.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import islice

from cronsim import CronSim, CronSimError

from secretflow_worker.orchestrator.errors import Fault, Invalid

CRON_PATTERN = r"^[0-9A-Za-z*/,#-]{1,40}( [0-9A-Za-z*/,#-]{1,40}){4}$"
"""Minute, hour, day of the month, month, day of the week."""
LATEST = datetime(2200, 1, 1, tzinfo=zoneinfo.ZoneInfo("UTC")).timestamp()
"""Moments after it are refused: not every system can write them."""


@dataclass(frozen=True)
class Timetable:
    """Either `cron` or `at` is given; moments are seconds since the epoch."""

    cron: str | None
    at: float | None
    time_zone: str

    def check(self) -> None:
        """Refuse what never can be due.

        Raises:
            Invalid: with the field and the fault.
        """
        if self.time_zone not in time_zones():
            raise _invalid("time_zone", "this is no time zone of the IANA database")
        if (self.cron is None) == (self.at is None):
            raise _invalid("cron", "give either `cron` or `at`")
        if self.at is not None and not 0 <= self.at < LATEST:
            raise _invalid("at", "it lies before 1970 or after 2199")
        if self.cron is not None:
            if re.fullmatch(CRON_PATTERN, self.cron) is None:
                raise _invalid("cron", "five fields: minute hour day month weekday")
            try:
                CronSim(self.cron, datetime(2000, 1, 1))
            except CronSimError as fault:
                raise _invalid("cron", str(fault)) from None
            if next(self.after(0.0), None) is None:
                raise _invalid("cron", "no date is ever such")

    def after(self, moment: float) -> Iterator[float]:
        """Yield the due times after a moment, in order."""
        if self.at is not None:
            if self.at > moment:
                yield self.at
            return
        zone = zoneinfo.ZoneInfo(self.time_zone)
        # In the second of two same hours cronsim may answer with a time of the first.
        for due in CronSim(self.cron or "", datetime.fromtimestamp(moment, zone)):
            found = due.timestamp()
            if found >= LATEST:
                return
            if found > moment:
                yield found

    def next_after(self, moment: float) -> float | None:
        """Return the first due time after a moment; None where there is none."""
        return next(self.after(moment), None)

    def upcoming(self, moment: float, count: int) -> list[float]:
        """Return the next due times after a moment."""
        return list(islice(self.after(moment), count))

    def local(self, moment: float) -> str:
        """Write a moment in the time zone, ISO 8601 with its offset."""
        zone = zoneinfo.ZoneInfo(self.time_zone)
        return datetime.fromtimestamp(moment, zone).isoformat(timespec="seconds")


@lru_cache(maxsize=1)
def time_zones() -> frozenset[str]:
    """Return the names of all time zones that this machine knows."""
    return frozenset(zoneinfo.available_timezones())


def _invalid(field: str, text: str) -> Invalid:
    return Invalid("the schedule is invalid", faults=[Fault(field, text)])
