"""Several people at the same moment, each on a connection of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from django.db import connections

from helpdesk.common.errors import DomainError


def at_once(*acts: Callable[[], Any]) -> list[DomainError]:
    """Start all acts together; what they refused."""
    gate, refused = threading.Barrier(len(acts)), []

    def go(act: Callable[[], Any]) -> None:
        gate.wait()
        try:
            act()
        except DomainError as error:
            refused.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=go, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused
