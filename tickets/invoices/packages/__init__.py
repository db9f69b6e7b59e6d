"""PURE. The check of a package of invoices before it is uploaded. A new profile is a module and a line in PROFILES."""

from __future__ import annotations

from collections.abc import Mapping

from tickets.invoices.packages import einvoice, leqi
from tickets.invoices.packages.contract import Profile

PROFILES: Mapping[str, Profile] = {profile.code: profile for profile in (leqi.PROFILE, einvoice.PROFILE)}
