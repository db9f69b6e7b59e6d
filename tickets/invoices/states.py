"""PURE. What a list says of an invoice's state (发票状态): its usual words and codes, and whether two of them agree."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from tickets.invoices.identifiers import fold


class InvoiceState(StrEnum):
    """The state on the face of a record; OTHER is a word that we don't know."""

    NORMAL = "normal"
    VOID = "void"
    RED = "red"  # offset in full
    PART_RED = "part_red"
    PENDING = "pending"
    ABNORMAL = "abnormal"
    OTHER = "other"


#: Words of the exports of the tax side and of issuing software, and the codes of the Leqi interface (V4.000 §18).
_WORDS: Mapping[InvoiceState, tuple[str, ...]] = {
    InvoiceState.NORMAL: ("", "0", "正常", "正常发票", "有效", "已开具", "开具成功", "开票成功", "未作废", "未红冲",
                          "normal", "valid"),
    InvoiceState.VOID: ("2", "作废", "已作废", "作废发票", "空白作废", "正数作废", "负数作废", "void", "voided"),
    InvoiceState.RED: ("3", "8", "红冲", "已红冲", "已冲红", "全额红冲", "已全额红冲", "全部红冲", "红冲发票", "red"),
    InvoiceState.PART_RED: ("7", "部分红冲", "已部分红冲", "部分冲红", "已部分冲红", "part_red"),
    InvoiceState.PENDING: ("待处理", "处理中", "待开具", "开具中", "开票中", "待上传", "未上传", "待确认", "上传中",
                           "pending"),
    InvoiceState.ABNORMAL: ("异常", "异常凭证", "异常发票", "失控", "失控发票", "非正常", "abnormal"),
}  # fmt: skip
_BY_WORD = {fold(word): state for state, words in _WORDS.items() for word in words}


def state_of(text: str) -> InvoiceState:
    """The state that a cell says; an empty one says that nothing is wrong."""
    return _BY_WORD.get(fold(text), InvoiceState.OTHER)


def agree(one: str, other: str) -> bool:
    """Whether two cells say the same: by their state, words that we don't know by their letters."""
    ours = state_of(one)
    if ours is InvoiceState.OTHER:
        return fold(one) == fold(other)
    return ours is state_of(other)
