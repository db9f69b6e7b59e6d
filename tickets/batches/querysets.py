"""Who may see which list."""

from __future__ import annotations

from typing import Self

from tickets.batches.lifecycle import AT_WORK
from tickets.querysets import TenantQuerySet


class BatchQuerySet(TenantQuerySet):
    organisation_path = "organisation"

    def at_work(self) -> Self:
        """What a worker still has to do something for."""
        return self.filter(state__in=AT_WORK)


class BatchRowQuerySet(TenantQuerySet):
    organisation_path = "batch__organisation"
