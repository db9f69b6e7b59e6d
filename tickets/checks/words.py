"""PURE. What people read of a look-up: where it came from and why it failed."""

from __future__ import annotations

from collections.abc import Mapping

from helpdesk.common.messages import gettext_noop as _
from tickets.vocabulary import FIELD_LABELS

SOURCES: Mapping[str, str] = {
    "person": _("A person looked"),
    "list": _("Imported list"),
    "http": _("Automatic look-up"),
}

#: Fault of a call → what it means; the codes are stable, for the log and the API.
FAULTS: Mapping[str, str] = {
    "bad_address": _("The address that is set up can't be used"),
    "circuit_open": _("Failed several times in a row; it is left alone for a while"),
    "connect": _("No connection"),
    "content_type": _("Not the kind of answer that was agreed"),
    "cut_off": _("The answer broke off"),
    "encoding": _("The answer was packed, which was not agreed"),
    "json": _("The answer is not valid JSON"),
    "mismatch": _("The answer speaks of another invoice"),
    "private_address": _("The address lies in a network that must not be called"),
    "protocol": _("Not a valid HTTP answer"),
    "redirect": _("It sent us to another address, which is never followed"),
    "refused": _("It refused our request"),
    "resolve": _("The name of the host is not known"),
    "schema": _("The answer has not the form that was agreed"),
    "status_5xx": _("It reported a fault of its own"),
    "throttled": _("It asked us to come back later"),
    "timeout_connect": _("No connection in time"),
    "timeout_read": _("It fell silent"),
    "timeout_total": _("The answer took too long"),
    "tls": _("Its certificate is not valid"),
    "too_large": _("The answer was larger than agreed"),
    "unsent": _("The invoice's numbers don't have the form that can be asked for"),
}

CUT = _("Only the newest %(count)s rows are here. Narrow the dates for the others.")

#: What a difference is about; the names of the face.
FIELDS: Mapping[str, str] = {**FIELD_LABELS, "state": _("State of the record")}

#: State of a record at the tax side.
STATES: Mapping[str, str] = {
    "normal": _("In order"),
    "void": _("Void"),
    "reversed": _("Reversed in full"),
    "partly_reversed": _("Reversed in part"),
    "abnormal": _("Abnormal"),
}
