"""The folder broker: what is half written isn't seen, what is taken is taken once, first in is first out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from queue import Empty
from typing import Any

import pytest
from kombu import Connection

from helpdesk import broker


@pytest.fixture
def folders(tmp_path: Path) -> dict[str, Any]:
    options = {"data_folder_in": "messages", "data_folder_out": "messages", "processed_folder": "processed"}
    folders = {name: str(tmp_path / folder) for name, folder in options.items()}
    for folder in folders.values():
        Path(folder).mkdir(exist_ok=True)
    return {**folders, "control_folder": str(tmp_path / "control")}


@pytest.fixture
def channel(folders: dict[str, Any]) -> Iterator[broker.Channel]:
    with Connection("filesystem://", transport_options=folders) as connection:
        channel = connection.channel()
        assert isinstance(channel, broker.Channel)
        yield channel


def drain(channel: broker.Channel, into: list[Any]) -> None:
    while True:
        try:
            into.append(channel._get("work"))
        except Empty:
            return


def test_messages_leave_in_the_order_they_came(channel: broker.Channel) -> None:
    for number in range(12):
        channel._put("work", {"number": number})
    channel._put("other", {"number": 99})
    found: list[Any] = []
    drain(channel, found)
    assert [message["number"] for message in found] == list(range(12))
    assert channel._get("other") == {"number": 99}


def test_a_message_that_is_being_written_is_not_there_yet(channel: broker.Channel, folders: dict[str, Any]) -> None:
    (Path(folders["data_folder_in"]) / "1_draft.draft").write_text('{"half": ')
    with pytest.raises(Empty):
        channel._get("work")


def test_two_readers_never_share_a_message(channel: broker.Channel, folders: dict[str, Any]) -> None:
    for number in range(200):
        channel._put("work", number)
    taken: list[list[int]] = [[], []]
    readers = [threading.Thread(target=drain, args=(channel, part)) for part in taken]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert sorted(taken[0] + taken[1]) == list(range(200))
    assert not any(Path(folders["processed_folder"]).iterdir())
