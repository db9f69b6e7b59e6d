"""PURE. A claim beside a reading or a record: where they differ."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from tickets.invoices.identifiers import fold
from tickets.invoices.kinds import KINDS
from tickets.invoices.model import Invoice, Value

#: Fields that are compared, in the order of the face.
COMPARED: tuple[str, ...] = (
    "kind", "code", "number", "digital_number", "issue_date", "amount", "tax", "total",
    "seller_name", "seller_tax_id", "buyer_name", "buyer_tax_id", "check_code",
)  # fmt: skip
_PARTIES = frozenset({"seller_name", "seller_tax_id", "buyer_name", "buyer_tax_id"})
#: A toll invoice calls itself an ordinary electronic one on many carriers.
_ALIKE = frozenset({"10", "14"})
#: Ordinary 税控 kinds, in which a purchase invoice (收购发票) is stored with buyer and seller the other way round.
_TURNED = frozenset({"04", "10", ""})
_MARKS = str.maketrans("", "", "()[]<>【】〔〕《》〈〉「」·.,，。'\"“”")


@dataclass(frozen=True, slots=True)
class Difference:
    """One field and both its values, as texts that can be shown and stored."""

    field: str
    claimed: str
    found: str


def compare(claim: Invoice, reading: Invoice) -> tuple[Difference, ...]:
    """The fields that both know and in which they differ: money and days exactly, all others by their letters."""
    found = []
    is_turned = _is_turned(claim, reading)
    for name in COMPARED:
        ours, theirs = _numbers(claim, reading) if name == "number" else (getattr(claim, name), getattr(reading, name))
        if ours in (None, "") or theirs in (None, "") or (is_turned and name in _PARTIES):
            continue
        if not _same(name, ours, theirs):
            found.append(Difference(name, _shown(name, ours), _shown(name, theirs)))
    return tuple(found)


def is_same(one: Invoice, other: Invoice) -> bool:
    """Whether both speak of one invoice, by the numbers that both know (folded); without its code an 8-digit number
    will do."""
    if one.identity and one.identity == other.identity:
        return True
    long = {n for n in (one.digital_number, one.number) if len(n) == 20}
    if long & {n for n in (other.digital_number, other.number) if len(n) == 20}:
        return True
    if not one.number or one.number != other.number:
        return False
    return one.code == other.code or not (one.code and other.code)


def is_near(claim: Invoice, reading: Invoice) -> bool:
    """Whether `reading` is probably the claimed invoice with a slip in the number: one character off or two
    neighbours swapped, and day and total the same."""
    one, two = fold(claim.digital_number or claim.number), fold(reading.digital_number or reading.number)
    if not one or not two or claim.issue_date != reading.issue_date or claim.total != reading.total:
        return False
    return claim.total is not None and one in _slips_of(two)


def _slips_of(number: str) -> set[str]:
    """`number` and every text that one usual slip makes of it."""
    cuts = [(number[:at], number[at:]) for at in range(len(number) + 1)]
    lost = {head + tail[1:] for head, tail in cuts if tail}
    swapped = {head + tail[1] + tail[0] + tail[2:] for head, tail in cuts if len(tail) > 1}
    wrong = {head + digit + tail[1:] for head, tail in cuts if tail for digit in "0123456789"}
    more = {head + digit + tail for head, tail in cuts for digit in "0123456789"}
    return {number} | lost | swapped | wrong | more


def _numbers(claim: Invoice, reading: Invoice) -> tuple[str, str]:
    """Both numbers; paper that prints two is compared by the longer one when only that is known on both sides."""
    ours, theirs = claim.number, reading.number
    if len(fold(ours)) == 20 and len(fold(theirs)) == 8 and reading.digital_number:
        return ours, reading.digital_number
    if len(fold(ours)) == 8 and len(fold(theirs)) == 20 and claim.digital_number:
        return claim.digital_number, theirs
    return ours, theirs


def _same(name: str, ours: Value, theirs: Value) -> bool:
    if not isinstance(ours, str) or not isinstance(theirs, str):
        return ours == theirs
    one, two = fold(ours), fold(theirs)
    if name == "check_code":  # a look-up asks for the last six digits only
        return one[-6:] == two[-6:]
    if name == "kind":
        return one == two or {one, two} == _ALIKE
    if name.endswith("_name"):
        return _bare(one) == _bare(two)
    return one == two


def _bare(name: str) -> str:
    """A name without punctuation and without the mark of a natural person."""
    return name.removesuffix("(个人)").translate(_MARKS)


def _is_turned(claim: Invoice, reading: Invoice) -> bool:
    """Whether the tax numbers of a kind that holds purchase invoices stand the other way round."""
    seller, buyer = fold(claim.seller_tax_id), fold(claim.buyer_tax_id)
    is_purchase = claim.kind in _TURNED and reading.kind in _TURNED and bool(claim.kind or reading.kind)
    return is_purchase and bool(seller and buyer) and (buyer, seller) == (
        fold(reading.seller_tax_id), fold(reading.buyer_tax_id),
    )  # fmt: skip


def _shown(name: str, value: Value) -> str:
    if name == "kind" and value in KINDS:
        return KINDS[str(value)].chinese
    return f"{value:f}" if isinstance(value, Decimal) else str(value)
