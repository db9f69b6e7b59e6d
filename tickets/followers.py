"""Who follows events, in order."""

from __future__ import annotations

from tickets import outbox

outbox.FOLLOWERS[:] = []
