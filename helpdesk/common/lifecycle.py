"""PURE. A state machine as one table; buttons, API, permission checks, tests and diagrams are read from it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from helpdesk.common.errors import Missing, NotNow
from helpdesk.common.messages import Message, gettext_noop


@dataclass(frozen=True, slots=True)
class State:
    """`label` is the desk's word, `customer_label` the enterprise's; `is_open` is work, `paused` stops the clock."""

    name: str
    label: str
    customer_label: str = ""
    tone: str = "neutral"  # neutral, info, warning, success, danger: the badge's colour
    is_open: bool = True
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """`action` leads from any of `sources` to `target` for whoever holds `permission`, when every guard agrees."""

    action: str
    label: str
    sources: tuple[str, ...]
    target: str
    permission: str
    needs: tuple[str, ...] = ()  # names of the input fields that must not be empty
    takes: tuple[str, ...] = ()  # optional input fields
    guards: tuple[str, ...] = ()
    event: str = ""
    public: bool = True  # whether the enterprise sees the event in its timeline
    tone: str = ""  # "primary" or "danger" for the button
    manual: bool = True  # False: only other use-cases perform it, no button
    stamp: str = ""  # column that takes the moment of the move


class Lifecycle:
    """States and transitions, validated once at import."""

    def __init__(self, states: Iterable[State], transitions: Iterable[Transition], *, initial: str) -> None:
        self.states = {state.name: state for state in states}
        self.transitions = {transition.action: transition for transition in transitions}
        self.initial = initial
        known = set(self.states)
        for transition in self.transitions.values():
            if not {*transition.sources, transition.target} <= known:
                raise ValueError(f"{transition.action} names an unknown state")

    def __iter__(self) -> Iterator[Transition]:
        return iter(self.transitions.values())

    @property
    def open_states(self) -> tuple[str, ...]:
        return tuple(state.name for state in self.states.values() if state.is_open)

    def find(self, action: str) -> Transition:
        """The transition of that name; Missing when there is none."""
        try:
            return self.transitions[action]
        except KeyError:
            raise Missing(Message(gettext_noop("There is no action “%(action)s”."), {"action": action})) from None

    def check(self, action: str, state: str) -> Transition:
        """The transition, or NotNow when it does not start at `state`."""
        transition = self.find(action)
        if state not in transition.sources:
            raise NotNow(
                Message(
                    gettext_noop("“%(action)s” is not possible while the state is “%(state)s”."),
                    {"action": Message(transition.label), "state": Message(self.states[state].label)},
                )
            )
        return transition

    def allowed(self, state: str, permissions: Collection[str]) -> tuple[Transition, ...]:
        """What a holder of `permissions` may start at `state`, in table order."""
        return tuple(t for t in self if t.manual and state in t.sources and t.permission in permissions)

    def mermaid(self) -> str:
        """The diagram of the table, as Mermaid source."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        for transition in self:
            lines += [f"    {source} --> {transition.target}: {transition.action}" for source in transition.sources]
        lines += [f"    {name} --> [*]" for name in self.states if not any(name in t.sources for t in self)]
        return "\n".join(lines)
