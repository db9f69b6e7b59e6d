"""PURE. Where the diagnosis may end: one of five kinds of outcome, why, what to do, and the article that says more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.common.messages import gettext_noop as _
from tickets.vocabulary import Symptom


class Kind(StrEnum):
    """What the person has to do."""

    WAIT = "wait"
    FIX = "fix"
    COUNTERPART = "counterpart"
    NOT_INVOICE = "not_invoice"
    TICKET = "ticket"


KIND_LABELS: Mapping[Kind, str] = {
    Kind.WAIT: _("Wait, then look again"),
    Kind.FIX: _("You can put this right"),
    Kind.COUNTERPART: _("The other party has to act"),
    Kind.NOT_INVOICE: _("Nothing is wrong with the invoice"),
    Kind.TICKET: _("A case for the desk"),
}


class Clock(StrEnum):
    """How an outcome's moment is found (tree.py)."""

    NONE = ""
    NEXT_MORNING = "next_morning"  # of the day after issue
    MORNING = "morning"  # of tomorrow
    OUTAGE = "outage"
    SYNC = "sync"
    RESULT = "result"
    FULL_LIST = "full_list"
    REPLY = "reply"  # three working days
    MONTH_CLOSE = "month_close"


@dataclass(frozen=True, slots=True)
class Leaf:
    """One end. `otherwise` takes its place once the moment of `clock` has passed; `basis` names official documents."""

    key: str
    kind: Kind
    title: str
    reason: str
    do: tuple[str, ...]
    article: str
    basis: str = ""
    clock: Clock = Clock.NONE
    otherwise: str = ""
    letter: tuple[str, ...] = ()  # what is asked of the other party
    symptom: Symptom = Symptom.NO_RECORD


_SITE = "全国增值税发票查验平台说明页"
_LEQI = "乐企基础版开票能力 V4.000"
_FAQ = "数字化电子发票使用常见问题清单"
_LOOKUP = "乐企发票查验 V1.019"

_SEND_LOGS = _("Add the invoice file, the upload log and a screenshot; the answers given here go along.")
_AGAIN = _("If it is still missing then, come back to this page: the answers are kept in its address.")
_COMPARE = _("Take number, code, date and amount from the invoice file, never from a spreadsheet.")
_READ_ARTICLE = _("Follow the steps of the article below.")
_SEND_LETTER = _("Send the letter to the seller, with the invoice file.")
_PROOF = _("Tell us whether the upload was successful, and send us a screenshot of the upload record.")
_REUPLOAD = _("If it failed or never took place, please upload the invoice and tell us when it is done.")

_LEAVES = (
    # Not an invoice problem
    Leaf("login_locked", Kind.NOT_INVOICE, _("The account is the matter, not the invoice"),
         _("Without a log-in no list shows anything; the invoice itself may be in good order."),
         (_("Stop trying: every wrong password prolongs the lock."), _READ_ARTICLE),
         "account-lockout", symptom=Symptom.OTHER),
    Leaf("no_permission", Kind.NOT_INVOICE, _("A permission is missing, not the invoice"),
         _("A menu that your role may not open shows nothing, whatever it holds."),
         (_("Ask the administrator of your enterprise for the permission that the page names."), _READ_ARTICLE),
         "permission-denied", symptom=Symptom.OTHER),
    Leaf("too_old", Kind.NOT_INVOICE, _("The invoice is older than the places where you looked go back"),
         _("The verification site answers for the last five years. An older invoice isn't lost because of that."),
         (_("Keep the original: it stays the proof."), _("Ask the seller's tax office for the archived record.")),
         "older-than-five-years", f"{_SITE}; {_LOOKUP}"),
    Leaf("ordinary_list", Kind.NOT_INVOICE, _("This kind never appears in the deduction list"),
         _("An ordinary invoice isn't deducted, so the deduction list doesn't show it. That is as it should be."),
         (_("Look into the list of received invoices instead."), _READ_ARTICLE),
         "not-in-deduction-list", f"{_FAQ}（用票类）"),
    Leaf("ticked", Kind.NOT_INVOICE, _("It has left the list because it was ticked"),
         _("What was ticked, or marked as not deductible, is no longer offered for ticking."),
         (_("Look into the query of all invoices: it shows the use and the period."), _READ_ARTICLE),
         "not-in-deduction-list", f"{_FAQ}（用票类）"),
    Leaf("query_again", Kind.NOT_INVOICE, _("Look it up again with the right data"),
         _("A look-up with one wrong digit finds nothing, although the record is there."),
         (_COMPARE, _("Mind the five tries a day.")),
         "query-by-number-and-date", f"{_SITE}; {_LOOKUP}", symptom=Symptom.VERIFICATION_MISMATCH),
    Leaf("compare", Kind.NOT_INVOICE, _("A record exists, with other data"),
         _("“Doesn't agree” means that the number is known and another field differs. It says nothing against the "
           "invoice."),
         (_COMPARE, _("Each kind asks for another amount: see the article.")),
         "verification-no-match", _LOOKUP, symptom=Symptom.VERIFICATION_MISMATCH),
    Leaf("verify_first", Kind.NOT_INVOICE, _("Look it up on the national site first"),
         _("A list may lag behind; only the national site tells whether there is a record at all."),
         (_("Look it up at inv-veri.chinatax.gov.cn and note what it says."),
          _("Come back and change the last answer: everything else is kept.")),
         "query-by-number-and-date", _SITE),
    Leaf("duplicate", Kind.NOT_INVOICE, _("It has been uploaded already"),
         _("“Exists already” means that the tax side has this number. Uploading again changes nothing."),
         (_("Look it up with the number from the upload record."), _READ_ARTICLE),
         "reupload-invoice", _LEQI),
    Leaf("own_red", Kind.NOT_INVOICE, _("It is void or offset, and shown as such"),
         _("A void or offset invoice no longer counts. Lists leave it out or show it with that state."),
         (_("Look for the new invoice, if one was issued in its place."), _READ_ARTICLE),
         "data-abnormal-status", _LEQI, symptom=Symptom.ABNORMAL_STATUS),
    # Wait
    Leaf("known_outage", Kind.WAIT, _("A known incident is the likely cause: wait until it has recovered"),
         _("A system that your invoice passes through is disrupted. Until it has recovered, a missing record says "
           "nothing about the invoice."),
         (_("Don't issue or upload the invoice again: you would have two."), _AGAIN),
         "system-status-check", clock=Clock.OUTAGE, symptom=Symptom.DELAYED),
    Leaf("site_down", Kind.WAIT, _("The site doesn't answer: try again in half an hour"),
         _("A site that doesn't answer says nothing about the invoice."),
         (_("Read the official notices and try another network."), _AGAIN),
         "system-status-check", clock=Clock.OUTAGE, otherwise="site_still_down", symptom=Symptom.OTHER),
    Leaf("same_day", Kind.WAIT, _("Issued today: look again tomorrow"),
         _("An invoice of today can be looked up from the next day on at the earliest."),
         (_("Don't issue it again: you would have two."), _AGAIN),
         "verification-no-match", _SITE, Clock.NEXT_MORNING, symptom=Symptom.DELAYED),
    Leaf("tries_used", Kind.WAIT, _("Today's tries are used up: look again tomorrow"),
         _("The site answers five look-ups of one invoice a day, misses included."),
         (_COMPARE, _AGAIN), "verification-no-match", _SITE, Clock.MORNING),
    Leaf("list_follows", Kind.WAIT, _("The record is there; the list follows"),
         _("The national site finds it. Full lists are brought into line up to four days after issue."),
         (_("Nothing has to be issued or uploaded again."), _AGAIN),
         "sync-delay", _FAQ, Clock.FULL_LIST, "not_listed", symptom=Symptom.DELAYED),
    Leaf("seller_wait", Kind.WAIT, _("The seller has uploaded it; the record is on its way"),
         _("Between a successful upload and the record lies the synchronisation."),
         (_("Keep the seller's proof."), _AGAIN),
         "sync-delay", f"{_FAQ}; {_SITE}", Clock.SYNC, "seller_uploaded", symptom=Symptom.DELAYED),
    Leaf("upload_wait", Kind.WAIT, _("Uploaded; the record is on its way"),
         _("Between a successful upload and the record lies the synchronisation."),
         (_("Don't upload it again: a second upload is refused as a duplicate."), _AGAIN),
         "sync-delay", f"{_FAQ}; {_SITE}", Clock.SYNC, "upload_lost", symptom=Symptom.DELAYED),
    Leaf("result_pending", Kind.WAIT, _("Ask for the result before anything else"),
         _("“In progress” isn't a failure. The result can be asked for by its serial number for some hours."),
         (_("Query the result by the serial number in the upload record."), _AGAIN),
         "sync-history-records", _LEQI, Clock.RESULT, "state_unknown", symptom=Symptom.DELAYED),
    # You can put this right
    Leaf("farm_pending", Kind.FIX, _("Confirm it under “farm produce invoices to process” first"),
         _("On purchase invoices buyer and seller change places, and the deduction list shows them after that step "
           "alone."),
         (_("Open “farm produce invoices to process” in the tax account and confirm the use."),
          _("Look it up with your own enterprise as the issuer.")),
         "agricultural-invoice", f"{_FAQ}（用票类）; {_LOOKUP}"),
    Leaf("upload_now", Kind.FIX, _("Upload it while its month is open"),
         _("What was never uploaded can't be found. By Leqi the upload has to follow within 48 hours of issue; on the "
           "13th at 0:00 the month before is closed."),
         (_("Check number, date, amounts and tax numbers, then upload."), _READ_ARTICLE),
         "reupload-invoice", _LEQI, Clock.MONTH_CLOSE, "month_closed", symptom=Symptom.BATCH_UPLOAD_FAILED),
    Leaf("upload_control", Kind.FIX, _("Connect the tax-control device and upload it"),
         _("Invoices issued offline reach the tax side with the next connection; within the month that is enough."),
         (_("Go online with the issuing software and let it send what is waiting."), _READ_ARTICLE),
         "reupload-invoice", clock=Clock.MONTH_CLOSE, otherwise="stub_backfill",
         symptom=Symptom.BATCH_UPLOAD_FAILED),
    Leaf("month_closed", Kind.FIX, _("Its month is closed: it has to be issued again"),
         _("After the month's close the tax side takes no upload of that month any more."),
         (_("Issue a new invoice in the open month, and tell the buyer."), _READ_ARTICLE),
         "month-closed-reissue", f"{_LEQI} §4.2.1", symptom=Symptom.BATCH_UPLOAD_FAILED),
    Leaf("own_buyer_wrong", Kind.FIX, _("Offset it in red and issue it again"),
         _("A digital invoice can't be edited or voided. A wrong buyer stays wrong until it is offset."),
         (_("Agree with the buyer, offset the invoice and issue a right one."), _READ_ARTICLE),
         "typo-in-taxpayer-id", f"{_FAQ}（红字类）", symptom=Symptom.VERIFICATION_MISMATCH),
    Leaf("format", Kind.FIX, _("Correct the field that the error names, then upload again"),
         _("A package that breaks a rule of the upload check is refused as a whole."),
         (_("Run the package through our check: it names every broken rule."), _READ_ARTICLE),
         "xml-format-noncompliant", f"{_LEQI}; 数字化电子发票版式及XML规范 V5.002",
         symptom=Symptom.BATCH_UPLOAD_FAILED),
    Leaf("network", Kind.FIX, _("Ask for the result, then upload over a steady line"),
         _("A time-out may hide a success. Whoever sends again without asking produces duplicates."),
         (_("Query the result first; upload only what really failed."), _READ_ARTICLE),
         "network-interruption", symptom=Symptom.BATCH_UPLOAD_FAILED),
    Leaf("interface", Kind.FIX, _("Put the interface right, then upload again"),
         _("The interface refused the caller, not the invoice."),
         (_("Look the code up in the article and have the vendor correct key, address or authorisation."),
          _("Then upload what was refused.")),
         "api-call-failure", _LEQI, symptom=Symptom.BATCH_UPLOAD_FAILED),
    Leaf("quota", Kind.FIX, _("Have the credit line or the risk mark cleared, then upload again"),
         _("Without credit line, or under a risk mark, the tax side takes no invoice of the issuer."),
         (_("Ask your tax office for the credit line or the reason of the mark."), _READ_ARTICLE),
         "quota-or-risk", _LEQI, symptom=Symptom.BATCH_UPLOAD_FAILED),
    Leaf("update", Kind.FIX, _("Update the issuing software, then upload again"),
         _("After a change of the protocol old versions are refused."),
         (_("Install the newest version and try with one invoice."), _READ_ARTICLE),
         "software-version-outdated", symptom=Symptom.BATCH_UPLOAD_FAILED),
    # The other party has to act
    Leaf("void_by_seller", Kind.COUNTERPART, _("The seller has voided it: ask for a new one"),
         _("A void invoice proves nothing. Only the seller can issue another."),
         (_SEND_LETTER, _("Don't book the void invoice.")), "data-abnormal-status", _LEQI, Clock.REPLY,
         letter=(_("Our query shows this invoice as void."), _("Please issue a valid invoice for the same business, or "
                   "tell us why it was voided.")), symptom=Symptom.ABNORMAL_STATUS),
    Leaf("red_by_seller", Kind.COUNTERPART, _("It was offset in red: ask the seller what takes its place"),
         _("What is offset can no longer be deducted or booked in full."),
         (_SEND_LETTER, _("If you ticked the invoice, take the deduction back.")), "data-abnormal-status",
         f"{_FAQ}（红字类）", Clock.REPLY,
         letter=(_("Our query shows this invoice as offset in red."), _("Please tell us the reason, and issue a new "
                   "invoice for what is still owed.")), symptom=Symptom.ABNORMAL_STATUS),
    Leaf("buyer_wrong", Kind.COUNTERPART, _("The seller has to offset it and issue it again"),
         _("With a wrong tax number the invoice belongs to nobody's account, and an issued invoice can't be edited."),
         (_SEND_LETTER, _("Enclose your business licence, so that it is right this time.")), "typo-in-taxpayer-id",
         f"{_FAQ}（用票类）", Clock.REPLY,
         letter=(_("The buyer's name or tax number on this invoice is not ours, so it can't be found in our account."),
                 _("Please offset it in red and issue it again with the data of the enclosed licence.")),
         symptom=Symptom.VERIFICATION_MISMATCH),
    Leaf("ask_seller", Kind.COUNTERPART, _("Ask the seller whether it was uploaded"),
         _("Only the issuer can upload an invoice. Without the upload no system has a record."),
         (_SEND_LETTER, _("Compare the buyer's name and tax number while you wait.")), "ask-the-seller", _LEQI,
         Clock.REPLY, letter=(_("Neither our tax account nor the national verification site has a record of it."),
                              _PROOF, _REUPLOAD)),
    Leaf("ask_seller_away", Kind.COUNTERPART, _("Ask the seller in the other province whether it was uploaded"),
         _("The seller's own tax office receives the upload first; only the seller can make it."),
         (_SEND_LETTER, _("Look on the national site, not in a local one.")), "cross-region-supplier",
         f"{_LEQI}; {_SITE}", Clock.REPLY,
         letter=(_("Neither our tax account nor the national verification site has a record of it."), _PROOF,
                 _REUPLOAD)),
    # A case for the desk
    Leaf("abnormal_voucher", Kind.TICKET, _("An abnormal voucher needs the tax office: we prepare the case"),
         _("An abnormal voucher isn't deducted until the tax office has cleared it."),
         (_SEND_LOGS,), "data-abnormal-status", "国家税务总局公告2019年第38号", symptom=Symptom.ABNORMAL_STATUS),
    Leaf("not_listed", Kind.TICKET, _("Found on the national site, and still not in your list"),
         _("More than four days after issue a list should show what the national site finds."),
         (_SEND_LOGS,), "submit-ticket-with-logs", _FAQ, symptom=Symptom.DELAYED),
    Leaf("seller_uploaded", Kind.TICKET, _("Uploaded by the seller, and still no record"),
         _("With proof of the upload and no record in due time, waiting no longer helps."),
         (_SEND_LOGS, _("Add the seller's proof of the upload.")), "submit-ticket-with-logs", _FAQ),
    Leaf("seller_silent", Kind.TICKET, _("The seller doesn't help: we look into it with you"),
         _("You have asked the only party that can upload it, without success."),
         (_SEND_LOGS, _("Add your letter to the seller.")), "ask-the-seller"),
    Leaf("upload_lost", Kind.TICKET, _("Uploaded with success, and still no record"),
         _("The upload was confirmed and the time of the synchronisation has passed."),
         (_SEND_LOGS,), "submit-ticket-with-logs", _FAQ),
    Leaf("stub_backfill", Kind.TICKET, _("Its month has passed: it needs a backfill at the tax office"),
         _("Tax-control invoices of a closed month are entered by the tax office from the stub."),
         (_("Prepare the original and the papers that the article lists."), _SEND_LOGS), "manual-backfill-materials"),
    Leaf("state_unknown", Kind.TICKET, _("Nobody can see the upload state: we read the log"),
         _("Whether it was uploaded decides what to do next, and the log tells it."),
         (_SEND_LOGS,), "sync-history-records", _LEQI),
    Leaf("upload_failed", Kind.TICKET, _("The upload fails for no plain reason: we read the log"),
         _("The usual causes are ruled out by your answers."),
         (_SEND_LOGS,), "submit-ticket-with-logs", symptom=Symptom.BATCH_UPLOAD_FAILED),
    Leaf("site_still_down", Kind.TICKET, _("Still no answer: tell us what you see"),
         _("Half an hour later the site still doesn't answer, so it is more than a moment's load."),
         (_SEND_LOGS,), "system-status-check", symptom=Symptom.OTHER),
)  # fmt: skip

#: key → leaf.
LEAVES: Mapping[str, Leaf] = {leaf.key: leaf for leaf in _LEAVES}
