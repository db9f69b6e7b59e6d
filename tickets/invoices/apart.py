"""PURE. Work on a stranger's file in a process of its own, which may hang, swell or crash alone."""

from __future__ import annotations

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
        died_of = _ended(child)
    if outcome is None:
        raise Refused("zip.bomb" if died_of == signal.SIGXCPU else broken)
    code, answer = outcome
    if code:
        raise Refused(code, **answer)
    result: T = answer
    return result


def _ended(child: int) -> int:
    """The signal that ended the child, 0 when it had done its work."""
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    return os.WTERMSIG(os.waitpid(child, 0)[1])


def _child(writer: Connection, work: Callable[..., Any], arguments: tuple[object, ...]) -> NoReturn:  # pragma: no cover
    """Runs in the child and ends it without any clearing up of what belongs to the parent."""
    try:
        with open("/proc/self/statm") as figures:  # noqa: PTH123  no more code than needed in a child
            held = int(figures.read().split()[0]) * resource.getpagesize()
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
