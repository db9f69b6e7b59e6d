"""PURE. Hides from a log what is nobody's business: ID and card numbers, phones, e-mail names, keys and passwords.

Invoice numbers, invoice codes and tax numbers stay: the case is about them. Every pattern is bounded and none nests a
repetition, so that the time grows with the length of the text. Lines keep their numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tickets.invoices.identifiers import is_uscc
from tickets.invoices.logs.lines import MAX_LINE, Tally, blocks

SECRET, KEY, IDENTITY, CARD, PHONE, MAIL = (
    "[secret hidden]", "[key hidden]", "[ID number hidden]", "[card number hidden]", "[phone hidden]", "[hidden]",
)  # fmt: skip
CUT = " … [cut]"
_IN_NUMBERS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ０１２３４５６７８９ -_.+@=/:%~"
PEM_LINES = 400  # of one key; a longer one has lost its end

_NAMES = (
    "password|passwd|passphrase|pwd|secret|token|credential|api[ _-]?key|app[ _-]?key|access[ _-]?key|private[ _-]?key"
    "|sm4[ _-]?key|encrypt[ _-]?key|signature|jsessionid|session[ _-]?id|密码|口令|密钥|令牌|私钥|验证码"
)
#: name=value, "name": "value", \"name\":\"value\"; a quoted value goes to its quote, another to a space or separator.
_NAMED = rf"(?i)((?:{_NAMES})[\w-]{{0,20}}(?:\\{{0,3}}[\"'])?[ \t]{{0,3}}(?:[:=：]|=>|是|为)[ \t]{{0,3}})"
_QUOTED = re.compile(_NAMED + r"(?:\\{1,3}\"(?:[^\"\\\n]|\\(?!\"))*+|\"(?:[^\"\\\n]|\\[^\n])*+|'[^'\n]*+)")
_BARE = re.compile(_NAMED + r"(?!\[)[^\s\"'&;,，。；<>(){}\[\]\\][^\s\"'&;,，。；<>]*+")
_TAGGED = re.compile(rf"(?i)(<(?:[\w-]{{1,20}}:)?[\w-]{{0,20}}(?:{_NAMES})[\w-]{{0,20}}>)[^<\n]++")
_HEADER = re.compile(r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie|x-api-key|x-auth-token)(\W{1,8})[^\n]++")
_SCHEME = re.compile(r"(?i)\b(bearer|basic)[ \t]{1,5}[\w.~+/=-]{8,}+")
_TOKEN = re.compile(r"\beyJ[\w-]{8,}+(?:\.[\w-]*+){0,4}|\b(?:AKIA|ASIA|LTAI|AKID)[0-9A-Za-z]{12,}+")
_LOGIN = re.compile(r"(://[^\s/:@\"']{0,100}:)[^\s/@\"']{1,200}+@")
_MAIL = re.compile(r"(?<![\w.%+-])[\w.%+-]++@(?=[A-Za-z0-9-]{1,63}\.[A-Za-z])")
_BEGIN = re.compile(r"-----BEGIN [A-Z0-9 ]{1,40}-----")
_END = re.compile(r"-----END [A-Z0-9 ]{1,40}-----")
#: Eleven digits and more with at most one space or hyphen between two of them, in ASCII or full width.
_RUN = re.compile(r"\d(?:[ \-]?\d){10,}+[Xx]?(?![0-9A-Za-z])|\d(?:[ \-]?\d){10,}+")
_TAX_ID = re.compile(r"[0-9A-Z]{18}(?![0-9A-Za-z])")
_GROUP = re.compile(r"\d+")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CARDS = {(4, 4, 4, 4), (4, 4, 4, 4, 1), (4, 4, 4, 4, 2), (4, 4, 4, 4, 3), (4, 6, 5), (6, 13), (6, 10), (6, 12)}


@dataclass(slots=True)
class Masker:
    """Masks one log, line after line; `hidden` counts what it has left out."""

    hidden: int = 0
    _pem: int = 0  # lines of a key that are still to be hidden

    def start(self) -> None:
        """Another log begins: no key goes on in it."""
        self._pem = 0

    def text(self, text: str) -> str:
        """Whole lines with their ends, in their order."""
        if self._pem or "-----BEGIN" in text:
            text = "".join(self._without_keys(text))
        lower = text.lower()
        if len(lower) != len(text):
            lower = "".join(c.lower() if len(c.lower()) == 1 else c for c in text)
        out, at = [], 0
        for start in sorted(_suspects(lower)):
            end = lower.find("\n", start)
            out += [text[at:start], self._words(text[start:end])]
            at = end
        return _RUN.sub(self._numbers, "".join(out) + text[at:])

    def line(self, text: str) -> str:
        """A line alone, without its end."""
        return self.text(text + "\n")[:-1]

    def _words(self, line: str) -> str:
        """A line without secrets and names of mailboxes; the end of a line that was cut may be half of one."""
        if len(line) >= MAX_LINE:
            line = line.rstrip(_IN_NUMBERS) + CUT
        for pattern, shown in _PATTERNS:
            line, count = pattern.subn(shown, line)
            self.hidden += count
        return line

    def _without_keys(self, text: str) -> Iterator[str]:
        for line in text.splitlines(keepends=True):
            end = "\n" if line.endswith("\n") else ""
            start = None if self._pem else _BEGIN.search(line)
            if not self._pem and start is None:
                yield line
                continue
            if start:
                self.hidden += 1
                self._pem = PEM_LINES
            over = _END.search(line)
            self._pem = 0 if over else self._pem - 1
            yield (line[: start.start()] if start else "") + KEY + (line[over.end() :] if over else end)

    def _numbers(self, run: re.Match[str]) -> str:
        """Hide in a run of digits what is an ID, a card or a phone, by its groups."""
        text = run[0]
        token = _TAX_ID.match(run.string, run.start())
        if token and is_uscc(token[0]) and not _is_identity(token[0]):
            return text
        before = run.string[run.start() - 1 : run.start()] if run.start() else ""
        groups = [m.span() for m in _GROUP.finditer(text)]
        out, at, index = [], 0, 0
        while index < len(groups):
            size, shown = _personal(text, groups[index : index + 6], plus=before == "+" and index == 0)
            if not size:
                index += 1
                continue
            start, end = groups[index][0], groups[index + size - 1][1]
            if shown == IDENTITY and text[end : end + 1] in ("X", "x"):
                end += 1
            out += [text[at:start], shown]
            at, index = end, index + size
            self.hidden += 1
        return "".join(out) + text[at:]


def _suspects(lower: str) -> set[int]:
    """Starts of the lines that the patterns have to look at: those with a needle, and those that were cut."""
    found: set[int] = set()
    for needle in _NEEDLES:
        at = lower.find(needle)
        while at >= 0:
            found.add(lower.rfind("\n", 0, at) + 1)
            at = lower.find(needle, lower.find("\n", at))
    if len(lower) > MAX_LINE:
        start = 0
        for line in lower.split("\n"):
            if len(line) >= MAX_LINE:
                found.add(start)
            start += len(line) + 1
    return found


_PATTERNS: tuple[tuple[re.Pattern[str], str], ...] = (
    (_HEADER, rf"\1\2{SECRET}"),
    (_SCHEME, rf"\1 {SECRET}"),
    (_TAGGED, rf"\1{SECRET}"),
    (_QUOTED, rf"\1\"{SECRET}".replace('\\"', '"')),
    (_BARE, rf"\1{SECRET}"),
    (_TOKEN, SECRET),
    (_LOGIN, rf"\1{SECRET}@"),
    (_MAIL, rf"{MAIL}@"),
)
#: What the patterns need at least, in small letters.
_NEEDLES = (
    *_NAMES.replace("[ _-]?", "").split("|"), "api_key", "api-key", "api key", "app_key", "app-key", "app key",
    "access_key", "access-key", "access key", "private_key", "private-key", "private key", "sm4_key", "sm4-key",
    "sm4 key", "encrypt_key", "encrypt-key", "encrypt key", "session_id", "session-id", "session id",
    "authorization", "cookie", "x-auth-token", "bearer", "basic", "eyj", "akia", "asia", "ltai", "akid", "@",
)  # fmt: skip


def _personal(text: str, groups: list[tuple[int, int]], *, plus: bool) -> tuple[int, str]:
    """How many of the first groups are one personal number, and what is shown instead; (0, "") for none."""
    words = [text[a:b] for a, b in groups]
    sizes = tuple(map(len, words))
    tail = text[groups[0][1] : groups[0][1] + 1]
    if sizes[0] in (17, 18) and _is_identity(words[0] + (tail if sizes[0] == 17 else "")):
        return 1, IDENTITY
    if sizes[:2] == (6, 8) and len(sizes) > 2 and sizes[2] in (3, 4):
        last = text[groups[2][1] : groups[2][1] + 1] if sizes[2] == 3 else ""
        if _is_identity("".join(words[:3]) + last):
            return 3, IDENTITY
    for count in (5, 4, 3, 2):
        if sizes[:count] in _CARDS and len(sizes) >= count and _is_card("".join(words[:count])):
            return count, CARD
    if _is_card(words[0]):
        return 1, CARD
    return _phone(words, sizes, plus=plus)


def _phone(words: list[str], sizes: tuple[int, ...], *, plus: bool) -> tuple[int, str]:
    """A mobile, also after 86 or 0086, in one or as 3-4-4; a landline as area-number."""
    skip = 1 if words[0] in ("86", "0086") and len(words) > 1 else 0
    one = re.sub("^(?:00)?86", "", words[0]) if sizes[0] in (13, 15) else words[skip]
    if len(one) == 11 and one[0] == "1" and one[1] in "3456789":
        return skip + 1, PHONE
    grouped = words[skip : skip + 3]
    if tuple(map(len, grouped)) == (3, 4, 4) and grouped[0][0] == "1" and grouped[0][1] in "3456789":
        return skip + 3, PHONE
    if words[0][0] == "0" and sizes[0] in (3, 4) and len(sizes) > 1 and sizes[1] in (7, 8):
        return 2, PHONE
    return (1, PHONE) if plus and 10 <= sizes[0] <= 15 else (0, "")


def _is_identity(number: str) -> bool:
    """18 characters with a day of birth and the check character of GB 11643; a wrong one hides no less, unless it is a
    tax number's."""
    if not re.fullmatch(r"[1-9]\d{16}[\dXx]", number):
        return False
    month, day = int(number[10:12]), int(number[12:14])
    if number[6:8] not in ("18", "19", "20") or not 1 <= month <= 12 or not 1 <= day <= 31:
        return False
    total = sum(w * int(d) for w, d in zip(_WEIGHTS, number, strict=False))
    return "10X98765432"[total % 11] == number[17].upper() or not is_uscc(number)


def _is_card(number: str) -> bool:
    """15 to 19 digits with the check digit of ISO/IEC 7812 under a number range that banks use."""
    number = "".join(str(int(d)) for d in number)
    if not 15 <= len(number) <= 19 or number[0] in "01" or (number[0] == "2" and not "2221" <= number[:4] <= "2720"):
        return False
    if len(number) == 15 and number[:2] not in ("34", "37"):  # old tax numbers have fifteen digits too
        return False
    if len(number) == 18 and number[0] in "59" and is_uscc(number):
        return False
    digits = [int(d) for d in reversed(number)]
    return sum(digits[::2]) % 10 == -sum(sum(divmod(2 * d, 10)) for d in digits[1::2]) % 10


def masked(chunks: Iterable[bytes], encoding: str, masker: Masker) -> Iterator[bytes]:
    """The log as anybody but its uploader sees it: UTF-8, every line under its number, long ones cut."""
    masker.start()
    for block in blocks(chunks, encoding, Tally()):
        yield masker.text(block.text).encode("utf-8", "replace")
