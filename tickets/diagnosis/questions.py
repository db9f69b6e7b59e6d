"""PURE. What the diagnosis asks. Texts are msgids; the keys stand in addresses and on tickets, so they never change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from helpdesk.common.messages import gettext_noop as _


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer; `hint` says more where the label alone could be misread."""

    key: str
    label: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One screen. `name` is how the list of answers calls it, `text` how it is asked."""

    key: str
    name: str
    text: str
    choices: tuple[Choice, ...]
    hint: str = ""

    def choice(self, key: str) -> Choice | None:
        return next((choice for choice in self.choices if choice.key == key), None)


_QUESTIONS = (
    Question("who", _("Where it is missing"), _("Where is the invoice missing?"), (
        Choice("issuer", _("We issued it, and our own system or list doesn't show it")),
        Choice("buyer", _("We received it, and our tax account doesn't list it")),
        Choice("public", _("The national verification site finds nothing")),
        Choice("door", _("We don't get in at all"), _("Log-in, permission, or a page that doesn't open")),
    )),
    Question("door", _("What stops you"), _("What stops you?"), (
        Choice("login", _("The password is refused or the account is locked")),
        Choice("permission", _("A menu says that we have no permission")),
        Choice("down", _("The page doesn't open, or reports a system error")),
    )),
    Question("kind", _("Kind"), _("What kind of invoice is it?"), (
        Choice("digital_special", _("Digital, special"), _("20-digit number, no invoice code")),
        Choice("digital_ordinary", _("Digital, ordinary"), _("20-digit number, no invoice code")),
        Choice("control_special", _("Tax-control, special"), _("Invoice code and an 8-digit number")),
        Choice("control_ordinary", _("Tax-control, ordinary"), _("Invoice code and an 8-digit number")),
        Choice("travel", _("Road toll, railway or air ticket")),
        Choice("unsure", _("Not sure")),
    )),
    Question("place", _("Where you looked"), _("In which list did you look?"), (
        Choice("deduct", _("The deduction list, where invoices are ticked")),
        Choice("received", _("The list of received invoices, or our own system")),
    )),
    Question("farm", _("Farm produce"), _("Is it an invoice for farm produce?"), (
        Choice("yes", _("Yes"), _("Purchase from farmers, self-produced goods, or issued on behalf of the seller")),
        Choice("no", _("No")),
    )),
    Question("issued", _("Issued"), _("When was it issued?"), (
        Choice("today", _("Today")),
        Choice("yesterday", _("Yesterday")),
        Choice("days", _("2 to 4 days ago")),
        Choice("older", _("Earlier, within the last five years")),
        Choice("ancient", _("More than five years ago")),
    )),
    Question("month", _("Month of issue"), _("In which month was it issued?"), (
        Choice("this", _("In this month")),
        Choice("last", _("In the month before")),
        Choice("before", _("Earlier")),
    ), _("The month before closes for uploads on the 13th at 0:00.")),
    Question("state", _("Upload state"), _("What does the issuing software say about the upload?"), (
        Choice("success", _("Successful")),
        Choice("running", _("In progress, or no result yet")),
        Choice("failed", _("Failed")),
        Choice("duplicate", _("It exists already")),
        Choice("never", _("Never uploaded"), _("Issued offline, or left out")),
        Choice("offset", _("We voided it, or offset it in red")),
        Choice("unknown", _("We can't see the state")),
    ), _("Look into the upload record of the day of issue.")),
    Question("error", _("Error"), _("What does the error speak of?"), (
        Choice("format", _("Format, a field, or an amount")),
        Choice("network", _("Time-out or connection")),
        Choice("interface", _("Interface, authorisation or a key"), _("Codes such as 4032 or 4067, for example")),
        Choice("closed", _("The month is closed, or reconciled already")),
        Choice("quota", _("Credit line, quota or risk")),
        Choice("other", _("Something else, or no text at all")),
    )),
    Question("version", _("Software"), _("Is the issuing software up to date?"), (
        Choice("current", _("Yes, it is the newest version")),
        Choice("outdated", _("No, or the vendor asks for an update")),
        Choice("unsure", _("Not sure")),
    ), _("Name and version help the desk, if it comes to a ticket.")),
    Question("side", _("Your part"), _("Did your enterprise issue the invoice or receive it?"), (
        Choice("issued", _("We issued it")),
        Choice("received", _("We received it")),
    )),
    Question("mark", _("Marked as"), _("Is the invoice marked in one of these ways?"), (
        Choice("void", _("Void")),
        Choice("red", _("Offset in red, wholly or in part")),
        Choice("abnormal", _("Abnormal voucher")),
        Choice("ticked", _("Ticked already, or marked as not deductible")),
        Choice("none", _("No, or not that we know")),
    )),
    Question("data", _("Data"), _("Compare the invoice with what you typed and with your business licence"), (
        Choice("same", _("Everything agrees")),
        Choice("typed_wrong", _("We mistyped something when looking it up")),
        Choice("buyer_wrong", _("The buyer's name or tax number on the invoice is wrong")),
    ), _("Number, date of issue, amount, buyer's name and tax number.")),
    Question("region", _("Seller's region"), _("Where is the seller registered?"), (
        Choice("beijing", _("In Beijing")),
        Choice("elsewhere", _("In another province")),
        Choice("unsure", _("Not sure")),
    ), _("Digits 3 and 4 of a 20-digit number tell it: 11 is Beijing.")),
    Question("looked", _("Verification site"), _("What does the national verification site say?"), (
        Choice("found", _("It finds the invoice")),
        Choice("nothing", _("No such invoice")),
        Choice("differs", _("The data don't agree")),
        Choice("no_answer", _("It didn't answer, or was busy")),
        Choice("not_looked", _("We haven't looked there")),
    ), _("The site answers five look-ups of one invoice a day.")),
    Question("said", _("Verification site"), _("What exactly does the verification site say?"), (
        Choice("nothing", _("No such invoice")),
        Choice("differs", _("The data don't agree")),
        Choice("no_answer", _("It didn't answer, or was busy")),
        Choice("tries", _("Today's tries are used up")),
    ), _("The site answers five look-ups of one invoice a day.")),
    Question("asked", _("Seller"), _("What does the seller say?"), (
        Choice("no", _("We haven't asked yet")),
        Choice("uploaded", _("It was uploaded, and we have seen the proof")),
        Choice("silent", _("No answer, or nothing helps")),
    )),
)  # fmt: skip

#: key → question.
QUESTIONS: Mapping[str, Question] = {question.key: question for question in _QUESTIONS}
