"""Invented companies: every name carries 示例 (sample), every tax number has valid checksums."""

from __future__ import annotations

from random import Random

#: GB 32100-2015: digits and capitals without I, O, S, V, Z.
ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_DISTRICTS = ("110101", "110102", "110105", "110106", "110107", "110108", "110109", "110111", "110115", "110119")
_TRADES = (
    "科技",
    "商贸",
    "物流",
    "餐饮管理",
    "信息技术",
    "办公用品",
    "会展服务",
    "建筑工程",
    "农产品",
    "医药",
    "印刷",
    "电子",
)
_WORDS = ("远山", "清河", "北辰", "长风", "晨光", "同心", "和平", "新竹", "青松", "明月", "安泰", "东方")
PEOPLE = ("张示例", "李示例", "王示例", "赵示例", "陈示例")


def organisation_code(body: str) -> str:
    """Eight characters with their GB 11714-1997 check character."""
    total = sum(int(char, 36) * weight for char, weight in zip(body, (3, 7, 9, 10, 5, 8, 4, 2), strict=True))
    return body + "0123456789X0"[11 - total % 11]


def credit_code(body: str) -> str:
    """Seventeen characters of a 统一社会信用代码 with their GB 32100-2015 check character."""
    total, weight = 0, 1
    for char in body:
        total += ALPHABET.index(char) * weight
        weight = weight * 3 % 31
    return body + ALPHABET[(31 - total % 31) % 31]


def tax_id(rng: Random, *, prefix: str = "91", district: str = "") -> str:
    """A 统一社会信用代码 that passes both checks, of a Beijing district unless told otherwise."""
    body = "MA" + "".join(rng.choice(ALPHABET[:10]) for _ in range(2)) + "".join(rng.choice(ALPHABET) for _ in range(4))
    return credit_code(prefix + (district or rng.choice(_DISTRICTS)) + organisation_code(body))


def company(rng: Random, place: str = "北京") -> str:
    """The name of a company that doesn't exist."""
    return f"{place}示例{rng.choice(_WORDS)}{rng.choice(_TRADES)}有限公司"
