"""Work that is promised by a row and started by a message: the message is only the fast path."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings

from helpdesk.common.rest import is_resting, let_rest

logger = logging.getLogger(__name__)
BROKER_REST = 10  # seconds


def hand_to_broker(task: Any, *args: Any) -> None:
    """Start `task` now if the broker answers; a sweep makes up a message that was lost."""
    if is_resting("broker"):
        return
    try:
        task.apply_async(args, retry=False)
    except Exception:
        if settings.CELERY_TASK_ALWAYS_EAGER:
            raise
        let_rest("broker", BROKER_REST)
        logger.warning("broker unreachable, %s waits for the sweep", task.name)
