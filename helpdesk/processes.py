"""Web, worker and scheduler side by side, for `make run`: without Django, for it only waits and passes signals on."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import sys

from honcho import manager as honcho
from honcho.compat import ProcessManager

from helpdesk import env

WEB = "--no-control-socket --threads 4 --max-requests 5000 --max-requests-jitter 500 --timeout 60 --graceful-timeout 20"
WORKER = "--loglevel WARNING --concurrency 2 --without-gossip --without-mingle"
PATIENCE = 25  # seconds until a process that was asked to end is ended; longer than any of their own


class Asker(ProcessManager):
    """Ends the process and not its group: a worker whose children are killed beside it waits for them for ever."""

    def terminate(self, pid: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def commands() -> dict[str, str]:
    """Name → shell words."""
    python, host, port = shlex.quote(sys.executable), env.text("HOST", "127.0.0.1"), env.integer("PORT", 8000)
    bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    celery = f"exec {python} -m celery --quiet -A helpdesk.celery:app"
    workers = env.integer("WEB_WORKERS", 2)
    return {
        "web": f"exec {python} -m gunicorn helpdesk.wsgi --bind {bind} --workers {workers} {WEB}",
        "worker": f"{celery} worker {WORKER}",
        "scheduler": f"{celery} beat --loglevel WARNING",
    }


def main() -> int:
    """Until one of them ends or a signal comes; then all end. 0 when that was asked for."""
    honcho.KILL_WAIT = PATIENCE
    manager = honcho.Manager()
    manager._procmgr = Asker()
    for name, command in commands().items():
        manager.add_process(name, command, env={**os.environ, "PYTHONUNBUFFERED": "1"})
    manager.loop()
    code = int(manager.returncode or 0)
    return 0 if code in (128 + signal.SIGINT, 128 + signal.SIGTERM) else code


if __name__ == "__main__":
    sys.exit(main())
