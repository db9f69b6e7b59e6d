"""Mails of the board: written and sent right after the commit, and again by the sweep."""

from __future__ import annotations

from celery import shared_task

from helpdesk.common.dispatch import hand_to_broker
from kb.status import mailing, services


@shared_task
def tell(event_id: int) -> None:
    """Write the mails of an event, then send the first of them; the sweep goes on with the others."""
    if mailing.fan_out(event_id):
        mailing.sweep()


@shared_task
def send(mail_id: int) -> bool:
    return mailing.send(mail_id)


@shared_task
def sweep() -> int:
    return mailing.sweep()


def start_telling(event_id: int) -> None:
    hand_to_broker(tell, event_id)


def start_sending(mail_id: int) -> None:
    hand_to_broker(send, mail_id)


services.ON_COMMIT.append(start_telling)
mailing.ON_COMMIT.append(start_sending)
