"""The outbound-call log: every attempt of helpdesk.common.outbound as a row, for OUTBOUND_LOG_DAYS days."""

from __future__ import annotations

import datetime as dt
import logging

from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils import timezone

from helpdesk.common import outbound
from helpdesk.common.inputs import clean_text
from tickets.checks.models import OutboundCall

logger = logging.getLogger(__name__)
BATCH = 1000


def keep(call: outbound.Call) -> None:
    """RECORDER. A log that can't be written never fails the call."""
    try:
        with transaction.atomic():
            OutboundCall.objects.create(
                purpose=call.purpose,
                method=call.method,
                url=call.url[:500],
                attempt=call.attempt,
                http_status=call.status,
                fault=call.fault,
                detail=clean_text(call.detail)[:200],
                took_ms=call.took_ms,
                at=timezone.now(),
            )
    except DatabaseError:
        logger.exception("outbound call not kept")


def forget() -> int:
    """Remove one portion of rows past their days; returns how many."""
    old = OutboundCall.objects.filter(at__lt=timezone.now() - dt.timedelta(days=settings.OUTBOUND_LOG_DAYS))
    rows = list(old.order_by("at").values_list("pk", flat=True)[:BATCH])
    return OutboundCall.objects.filter(pk__in=rows).delete()[0] if rows else 0


outbound.RECORDERS[:] = [keep]
