"""The transition table is whole: every state can be reached and left as it says."""

from __future__ import annotations

import pytest

from accounts.permissions import ROLES, Permission
from helpdesk.common.errors import Missing, NotNow
from helpdesk.common.lifecycle import Lifecycle, State, Transition
from kb.lifecycle import LIFECYCLE as REVISION
from tickets.backfill.lifecycle import LIFECYCLE as BACKFILL
from tickets.lifecycle import LIFECYCLE as TICKET

TABLES = pytest.mark.parametrize("table", [TICKET, BACKFILL, REVISION], ids=["ticket", "backfill", "revision"])


@TABLES
def test_every_state_can_be_reached(table: Lifecycle) -> None:
    reached = {table.initial}
    while more := {t.target for t in table if reached & set(t.sources)} - reached:
        reached |= more
    assert reached == set(table.states)


@TABLES
def test_every_open_state_leads_on(table: Lifecycle) -> None:
    sources = {source for t in table for source in t.sources}
    assert set(table.open_states) <= sources


@TABLES
def test_every_permission_is_held_by_some_role(table: Lifecycle) -> None:
    held = frozenset[Permission]().union(*ROLES.values())
    assert {t.permission for t in table} <= held


@TABLES
def test_the_diagram_names_every_action(table: Lifecycle) -> None:
    drawn = table.mermaid()
    assert all(t.action in drawn for t in table)
    assert f"[*] --> {table.initial}" in drawn


def test_an_unknown_action_is_missing_and_a_wrong_moment_is_said() -> None:
    with pytest.raises(Missing):
        TICKET.check("fly", "new")
    with pytest.raises(NotNow, match="Accept"):
        TICKET.check("accept", "closed")


def test_a_table_that_names_an_unknown_state_is_refused_at_import() -> None:
    with pytest.raises(ValueError, match="unknown state"):
        Lifecycle([State("a", "A")], [Transition("go", "Go", ("a",), "b", "p")], initial="a")


def test_actions_are_offered_by_state_and_permission_alone() -> None:
    offered = [t.action for t in TICKET.allowed("new", {Permission.TICKET_TRIAGE})]
    assert offered == ["accept"]
    assert "verify" not in [t.action for t in BACKFILL.allowed("received", set(Permission))]
