"""Same problem: who shares a likeness, when the desk is called, and what an enterprise is told."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Organisation, User
from accounts.permissions import OrganisationRole
from tests.cases import an_invoice
from tests.conftest import member, person
from tickets import outbox, services
from tickets.clusters import rules, tasks
from tickets.clusters import services as clusters
from tickets.clusters.models import Alarm, Signature
from tickets.clusters.rules import Likeness
from tickets.models import Event, Ticket
from tickets.notifications.models import Notification


@given(st.integers(0, 5000))
def test_what_is_told_is_rounded_down_and_nothing_below_five(others: int) -> None:
    told = rules.told(others)
    assert told <= others
    assert told == 0 if others < 5 else told in rules.STEPS


def test_a_likeness_forgives_how_software_is_written() -> None:
    one = Likeness("no_record", "82", "诺诺 发票", "V2.1", "bi1005")
    assert one.key == Likeness("no_record", "82", "诺诺发票", "2.1", "BI1005").key
    assert one.key != Likeness("no_record", "82", "诺诺发票", "2.2", "BI1005").key
    assert not Likeness("no_record", "82").is_telling
    assert rules.kind_of(["", "82", "81", "81", "82"]) == "81"
    assert rules.kind_of([""]) == ""
    assert not rules.is_alarming(Likeness("no_record"), 9, 5)


def filed(count: int, software: str = "诺诺", first: int = 0) -> list[Ticket]:
    """So many enterprises with the same problem, followed as the outbox does."""
    made = []
    for n in range(first, first + count):
        firm = Organisation.objects.create(name=f"示例{n}有限公司", tax_id=f"9111010800000{n:05d}")
        user = member(person(f"P{n}", f"p{n}@x.example"), firm, OrganisationRole.OWNER)
        new = services.NewTicket(subject="查无此票", symptom="no_record", invoices=(an_invoice(),), software=software)
        made.append(services.submit(new=new, organisation=firm, by=user))
        outbox.deliver(Event.objects.get(ticket=made[-1], kind="ticket.submitted").pk)
    return made


@pytest.mark.django_db
def test_the_desk_is_called_once_for_each_cluster_and_day(ann: User, sam: User, rita: User) -> None:
    filed(4)
    assert not Alarm.objects.exists()
    filed(3, first=4)
    assert tasks.sweep() == 0
    alarm = Alarm.objects.get()
    assert alarm.enterprises == 5
    assert str(timezone.localdate()) in str(alarm)
    event = Event.objects.get(kind="cluster.alarm")
    assert not event.is_public
    outbox.deliver(event.pk)
    told = Notification.objects.filter(event=event, channel="in_app").values_list("recipient", flat=True)
    assert set(told) == {ann.pk, sam.pk}
    Alarm.objects.update(day=timezone.localdate() - dt.timedelta(days=1))
    assert tasks.sweep() == 1


@pytest.mark.django_db
def test_the_sweep_signs_and_alarms_what_was_missed(ann: User) -> None:
    filed(5)
    Alarm.objects.all().delete()
    Signature.objects.all().delete()
    assert tasks.sweep() == 1
    assert Signature.objects.count() == 5


@pytest.mark.django_db
def test_an_enterprise_is_told_a_number_of_others_alone(client_of: Any, ann: User) -> None:
    mine, *_rest = filed(5)
    page = client_of(mine.requester).get(f"/tickets/{mine.number}/").content.decode()
    assert "服务台已知悉" not in page  # four others
    filed(3, first=5)
    page = client_of(mine.requester).get(f"/tickets/{mine.number}/").content.decode()
    assert "至少有 5 家其他企业" in page
    assert "示例3" not in page
    more = services.NewTicket(subject="又一张", symptom="no_record", invoices=(an_invoice(),), software="诺诺")
    again = services.submit(new=more, organisation=mine.organisation, by=mine.requester)
    clusters.sign(ticket=again)
    like = mine.signature.likeness if hasattr(mine, "signature") else Signature.objects.get(ticket=mine).likeness
    assert clusters.others(like=like, organisations=[mine.organisation_id]) == 5
    assert clusters.others(like=Likeness("no_record"), organisations=[]) == 0


@pytest.mark.django_db
def test_the_desk_reads_clusters_in_a_fixed_number_of_queries(
    client_of: Any, ann: User, alice: User, django_assert_num_queries: Any
) -> None:
    tickets = [*filed(3), *filed(2, "百望", first=3)]
    assert ann.permissions()  # asked once for each request
    with django_assert_num_queries(2):
        found = clusters.clusters(user=ann)
    assert [(row["enterprises"], row["software"]) for row in found] == [(3, "诺诺"), (2, "百望")]
    assert clusters.clusters(user=alice) == []
    page = client_of(ann).get("/desk/same-problem/").content.decode()
    assert f"?problem={found[0]['key']}" in page
    queue = client_of(ann).get(f"/desk/queue/all/?problem={found[0]['key']}").content.decode()
    assert tickets[0].number in queue
    assert tickets[4].number not in queue
    panel = client_of(ann).get(f"/desk/tickets/{tickets[0].number}/same-problem/").content.decode()
    assert tickets[1].number in panel
    assert tickets[4].number not in panel
    signed = Signature.objects.get(ticket=tickets[0])
    assert "诺诺" in str(signed)
    Signature.objects.filter(pk=signed.pk).update(software="", code="")  # what shares a situation alone has no fellows
    assert clusters.beside(ticket=Ticket.objects.get(pk=tickets[0].pk), user=ann) == []
