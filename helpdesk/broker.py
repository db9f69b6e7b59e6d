"""The broker without a server: kombu's folder of messages, made safe for a reader that is faster than the writer."""

from __future__ import annotations

import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads


class Channel(filesystem.Channel):
    """kombu writes a message under the name by which it is found: a worker that looks in between reads half of it and
    dies. Here it appears whole, by renaming, and leaves by renaming too, so one worker alone has it."""

    def _put(self, queue: str, payload: Any, **kwargs: Any) -> None:  # type: ignore[override]  # as the class above
        name = f"{time.time_ns()}_{uuid.uuid4()}"
        folder = Path(self.data_folder_out)
        try:
            draft = folder / f"{name}.draft"
            draft.write_text(dumps(payload), encoding="utf-8")
            draft.rename(folder / f"{name}.{queue}.msg")
        except OSError as error:
            raise ChannelError(f"No message can be written into {folder}") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        wanted = (p for p in Path(self.data_folder_in).iterdir() if p.name.partition(".")[2] == f"{queue}.msg")
        for path in sorted(wanted):
            mine = Path(self.processed_folder) / path.name
            try:
                path.rename(mine)
            except FileNotFoundError:  # another worker was first
                continue
            payload = loads(mine.read_text(encoding="utf-8"))
            mine.unlink()
            return payload
        raise Empty

    def knock(self) -> None:
        """Raise OSError unless a message could be written."""
        draft = Path(self.data_folder_out) / f"{uuid.uuid4()}.draft"
        draft.write_text("knock")
        draft.unlink()


class Transport(filesystem.Transport):
    Channel = Channel


TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"


def knock(app: Any) -> None:
    """Raise unless the broker of a Celery application answers, whichever it is."""
    with app.connection_for_write() as connection:
        connection.ensure_connection(max_retries=1, interval_start=0, timeout=3)
        channel = connection.default_channel
        if isinstance(channel, Channel):
            channel.knock()
