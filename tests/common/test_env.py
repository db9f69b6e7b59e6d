"""Each kind of variable: what it takes, what it means when absent, and that a bad value is named."""

from __future__ import annotations

import threading
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from helpdesk import env


@pytest.mark.parametrize(
    ("value", "wanted"), [("1", True), (" YES ", True), ("true", True), ("0", False), ("no", False), ("", False)]
)
def test_a_flag_is_yes_or_no(value: str, wanted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", value)
    assert env.flag("X") is wanted


def test_an_absent_flag_is_its_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("X", raising=False)
    assert env.flag("X", default=True) is True


def rate(name: str) -> Decimal:
    return env.share(name, "0.0005")


def test_a_share_is_a_decimal_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", "0.001")
    assert (rate("X"), rate("Y_ABSENT")) == (Decimal("0.001"), Decimal("0.0005"))


@pytest.mark.parametrize(
    ("read", "value"),
    [(env.flag, "perhaps"), (lambda n: env.integer(n, 1), "8,000"), (rate, "0,0005"), (rate, "1.5"), (rate, "NaN")],
)
def test_a_bad_value_is_named(read: Any, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", value)
    with pytest.raises(ValueError, match=f"X='{value}'"):
        read("X")


def test_numbers_and_lists(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("X", " a, ,b ")
    assert env.words("X") == ["a", "b"]
    monkeypatch.setenv("X", "8001")
    assert (env.integer("X", 8000), env.integer("Y_ABSENT", 8000)) == (8001, 8000)
    assert (env.is_loopback("::1"), env.is_loopback("0.0.0.0")) == (True, False)  # noqa: S104


def test_the_secret_is_made_once_however_many_start_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.setenv("HELPDESK_HOME", str(tmp_path / "new" / "home"))
    folder, found, gate = env.home(), set(), threading.Barrier(4)

    def start() -> None:
        gate.wait()
        found.add(env.secret(folder))

    threads = [threading.Thread(target=start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1
    assert [path.name for path in folder.iterdir()] == ["secret_key"]
    assert (folder / "secret_key").stat().st_mode & 0o077 == 0
    monkeypatch.setenv("SECRET_KEY", "given")
    assert env.secret(folder) == "given"


def test_files_go_to_a_folder_or_a_bucket(tmp_path: Path) -> None:
    for url, folder in (("", "/default"), ("/srv/files", "/srv/files"), ("file:///srv/files", "/srv/files")):
        assert env.storage(url, Path("/default"))["OPTIONS"]["location"] == folder  # type: ignore[index]
    options: Any = env.storage("s3+http://key:se%2Fcret@127.0.0.1:9000/bucket?region=cn-1", tmp_path)["OPTIONS"]
    assert (options["access_key"], options["secret_key"]) == ("key", "se/cret")
    assert (options["endpoint_url"], options["bucket_name"]) == ("http://127.0.0.1:9000", "bucket")
    assert options["region_name"] == "cn-1"
    assert env.storage("s3://s3.example/b", tmp_path)["OPTIONS"]["endpoint_url"] == "https://s3.example"  # type: ignore[index]
    with pytest.raises(ValueError, match="STORAGE_URL"):
        env.storage("ftp://x/y", tmp_path)
