"""PURE. One reader of letters at a time on a machine: a child process with a cap on memory and on time."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib.util import find_spec
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import IO, Self

from PIL import Image

from tickets.invoices.ocr.engine import READY, SIZE
from tickets.invoices.parse.contract import Seen, Unread

MEMORY = 640 * 1024 * 1024  # bytes that the child may hold of its own; a page takes 500 to 600
SECONDS = 8  # of the processor for one picture; a page takes 2
PATIENCE = 30  # seconds that a busy machine may take for the pictures of one file, the start of the child among them
QUEUE = 10  # seconds to wait while another file is being read
_ANSWER = 4 * 1024 * 1024
_ROOT = Path(__file__).resolve().parents[3]
#: The child gets no setting and no secret of the service.
_PASSED = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV", "TMPDIR")
_COMMAND = (sys.executable, "-m", "tickets.invoices.ocr.engine")


class Busy(Exception):
    """Another file is being read, and that takes longer than anybody waits; try again later."""


def is_installed() -> bool:
    """Whether this machine has the extra `ocr`; nothing of it is imported."""
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


class Reader:
    """Reads pictures in a child that starts with the first one and ends with the `with` block.

    `turn` is a file whose lock is held meanwhile. Raises Busy when it stays taken, Unread for a picture that the child
    could not read within its bounds.
    """

    def __init__(
        self, turn: Path, *, command: Sequence[str] = _COMMAND, patience: float = PATIENCE, queue: float = QUEUE
    ) -> None:
        self._turn, self._command, self._patience, self._queue = turn, command, patience, queue
        self._lock: IO[str] | None = None
        self._end_at = 0.0
        self._child: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_raised: object) -> None:
        self._end()
        if self._lock:
            self._lock.close()
            self._lock = None

    def __call__(self, picture: Image.Image) -> list[Seen]:
        """Boxes with their texts, in no order."""
        if self._lock is None:
            self._lock = self._queued()
            self._end_at = time.monotonic() + self._patience
        try:
            pipe = self._pipe or self._started()
            grey = picture.convert("L")
            pipe.send_bytes(SIZE.pack(*grey.size))
            pipe.send_bytes(grey.tobytes())
            return [Seen(t, s, tuple((x, y) for x, y in box)) for t, s, box in json.loads(self._answer(pipe))]
        except (OSError, EOFError, ValueError, TypeError) as error:
            self._end()
            raise Unread from error

    def usage(self) -> tuple[float, int]:
        """Seconds of the processor and most bytes of memory that the child has taken; nothing while there is none."""
        if self._child is None:
            return 0.0, 0
        folder = Path(f"/proc/{self._child.pid}")
        ticks = sum(map(int, folder.joinpath("stat").read_text().rpartition(")")[2].split()[11:13]))
        peak = next(row for row in folder.joinpath("status").read_text().splitlines() if row.startswith("VmHWM"))
        return ticks / os.sysconf("SC_CLK_TCK"), int(peak.split()[1]) * 1024

    def _queued(self) -> IO[str]:
        """The lock, as soon as nobody else has it."""
        end = time.monotonic() + self._queue
        lock = self._turn.open("a")
        while True:
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return lock
            if time.monotonic() > end:
                lock.close()
                raise Busy
            time.sleep(0.1)

    def _started(self) -> Connection:
        """The pipe to a child that is ready."""
        mine, its = Pipe()
        self._pipe = mine
        environment = {name: os.environ[name] for name in _PASSED if name in os.environ}
        environment |= {"OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1"}
        self._child = subprocess.Popen(  # noqa: S603  our own module with numbers for arguments
            [*self._command, str(its.fileno()), str(MEMORY), str(SECONDS)],
            cwd=_ROOT, env=environment, pass_fds=[its.fileno()], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
        its.close()
        if self._answer(mine) != READY:
            raise ValueError("not a reader")
        return mine

    def _answer(self, pipe: Connection) -> bytes:
        if not pipe.poll(max(0.0, self._end_at - time.monotonic())):
            raise TimeoutError
        return pipe.recv_bytes(_ANSWER)

    def _end(self) -> None:
        """The child is of no more use: ended, and a next picture gets another one."""
        if self._pipe:
            self._pipe.close()
        if self._child:
            self._child.kill()
            self._child.wait()
        self._pipe = self._child = None
