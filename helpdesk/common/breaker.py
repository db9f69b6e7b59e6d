"""A circuit breaker: after several failures in a row a part is left alone, then asked once before all ask again.

Kept libraries hold the state in the process or need Redis; ours lies in the cache that all processes share, whichever
that is. Counts may lose a step when two fail at the same moment, which only makes it open one failure later.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.core.cache import cache
from django.utils import timezone

MEMORY = 3600  # seconds after which earlier failures are forgotten
PROBE = 60  # seconds that the one who asks first has


@dataclass(frozen=True, slots=True)
class Breaker:
    """`after` failures in a row open it for `rest` seconds, twice as long after each further one, up to `longest`."""

    name: str
    after: int = 5
    rest: int = 60
    longest: int = 1800

    def admits(self) -> bool:
        """Whether a call may be made now; once the rest is over, one caller's may."""
        if self.rests_until() is not None:
            return False
        return self._failures() < self.after or bool(cache.add(self._key("probe"), 1, PROBE))

    def rests_until(self) -> dt.datetime | None:
        until: dt.datetime | None = cache.get(self._key("until"))
        return until if until is not None and until > timezone.now() else None

    def succeeded(self) -> None:
        for name in ("failures", "until", "probe"):
            cache.delete(self._key(name))

    def failed(self, *, rest: int = 0) -> None:
        """`rest`: seconds for which the other side asked to be left alone."""
        failures = self._failures() + 1
        cache.set(self._key("failures"), failures, MEMORY)
        cache.delete(self._key("probe"))
        own = min(self.longest, self.rest * 2 ** min(failures - self.after, 12)) if failures >= self.after else 0
        if seconds := max(own, min(rest, 2 * self.longest)):
            cache.set(self._key("until"), timezone.now() + dt.timedelta(seconds=seconds), seconds)

    def _failures(self) -> int:
        return int(cache.get(self._key("failures")) or 0)

    def _key(self, name: str) -> str:
        return f"breaker:{self.name}:{name}"
