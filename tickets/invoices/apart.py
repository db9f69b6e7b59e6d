"""PURE. Work on a stranger's file in a process of its own, which may hang, swell or crash alone."""

from __future__ import annotations

import faulthandler
import os
import resource
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any, NoReturn, TypeVar

from tickets.invoices.limits import Refused

T = TypeVar("T")
SECONDS, MEMORY = 6, 512 * 1024 * 1024  # of one piece of work: time of the processor, and bytes beside those held
PATIENCE = 25  # seconds that a busy machine may take for it


def apart(work: Callable[..., T], *arguments: object, broken: str) -> T:
    """What `work` returns or refuses. Raises Refused: "zip.bomb" past time or memory, `broken` after a crash.

    A fork costs some milliseconds and shares what is loaded. No lock is taken in the child but its own.
    """
    reader, writer = Pipe(duplex=False)
    _, resident = _held()
    child = os.fork()
    if child == 0:  # pragma: no cover  the coverage of a child that ends at once is lost with it
        _child(writer, work, arguments)
    writer.close()
    outcome = None
    try:
        outcome = reader.recv() if reader.poll(PATIENCE) else ("zip.bomb", {})
    except EOFError:  # it has died without a word
        pass
    finally:
        reader.close()
        was_bomb = _ended(child, resident)
    if outcome is None:
        raise Refused("zip.bomb" if was_bomb else broken)
    code, answer = outcome
    if code:
        raise Refused(code, **answer)
    result: T = answer
    return result


def _held() -> tuple[int, int]:
    """Bytes of address space and of memory that this process has."""
    with open("/proc/self/statm") as figures:  # noqa: PTH123  no more code than needed in a child
        virtual, resident = figures.read().split()[:2]
    return int(virtual) * resource.getpagesize(), int(resident) * resource.getpagesize()


def _ended(child: int, resident: int) -> bool:
    """End the child; whether it had used up its time or most of its memory, which kills in more than one way."""
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    used = os.wait4(child, 0)[2]
    swollen = used.ru_maxrss * 1024 - resident > MEMORY / 2
    return swollen or used.ru_utime + used.ru_stime >= SECONDS - 0.5


def _child(writer: Connection, work: Callable[..., Any], arguments: tuple[object, ...]) -> NoReturn:  # pragma: no cover
    """Runs in the child and ends it without any clearing up of what belongs to the parent."""
    try:
        faulthandler.disable()  # its end is told by the parent, not in the log
        held, _ = _held()
        resource.setrlimit(resource.RLIMIT_AS, (held + MEMORY, held + MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        writer.send(("", work(*arguments)))
    except Refused as refused:
        writer.send((refused.code, dict(refused.message.params)))
    except MemoryError:
        writer.send(("zip.bomb", {}))
    finally:
        os._exit(0)
