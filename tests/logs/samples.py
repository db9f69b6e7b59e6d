"""Logs and what people leave in them, made by seeds."""

from __future__ import annotations

import random
from collections.abc import Iterator

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
LINES = (
    "2026-11-20 10:00:{s:02d}.{n:03d} [pool-{n}] INFO  c.i.upload.Client - POST https://dppt.beijing.chinatax.gov.cn:8443/api/upload fphm=261120000000{n:08d} 200 {n} ms",
    "2026-11-20 10:00:{s:02d}.{n:03d} [pool-{n}] DEBUG c.i.upload.Queue - waiting {n} of 100, seller 91110108MA01ABCD5T",
    "2026-11-20 10:00:{s:02d}.{n:03d} [pool-{n}] WARN  c.i.upload.Client - 开票接口返回：处理中，稍后查询",
    "2026-11-20 10:00:{s:02d}.{n:03d} [pool-{n}] ERROR c.i.upload.Client - code=BI1005 发票额度已不够使用 tel 138{n:08d}",
)


def person(rng: random.Random) -> str:
    """A citizen's ID number with its check character."""
    body = f"110{rng.randrange(100, 999)}19{rng.randrange(50, 99)}{rng.randrange(1, 13):02d}{rng.randrange(1, 29):02d}{rng.randrange(1000):03d}"
    return body + "10X98765432"[sum(w * int(d) for w, d in zip(WEIGHTS, body, strict=True)) % 11]


def card(rng: random.Random) -> str:
    body = rng.choice(("6222", "6217", "4512", "5187")) + "".join(rng.choices("0123456789", k=rng.choice((11, 14))))
    total = sum(sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(reversed(body)))
    return f"{body}{-total % 10}"


def phone(rng: random.Random) -> str:
    return f"1{rng.choice('3456789')}{rng.randrange(10**9):09d}"


def piece(size: int = 1024 * 1024) -> str:
    """About `size` characters of an ordinary log, one line in four in Chinese."""
    out, length, n = [], 0, 0
    while length < size:
        line = LINES[(0, 1, 0, 1, 2, 0, 1, 0, 1, 3)[n % 10]].format(s=n % 60, n=n % 1000)
        out.append(line)
        length += len(line) + 1
        n += 1
    return "\n".join(out) + "\n"


def stream(megabytes: int) -> Iterator[bytes]:
    """So many megabytes, in pieces of 64 KB."""
    data = piece().encode()
    sent = 0
    while sent < megabytes * 1024 * 1024:
        for at in range(0, len(data), 64 * 1024):
            yield data[at : at + 64 * 1024]
        sent += len(data)
