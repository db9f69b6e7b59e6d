"""Lists as enterprises upload them."""

from __future__ import annotations

from collections.abc import Sequence

from django.core.files.base import ContentFile

from accounts.models import Organisation, User
from tests.cases import an_invoice
from tests.invoices_factory import list_csv
from tickets import services
from tickets.batches.models import Batch
from tickets.batches.services import take_in
from tickets.invoices.model import Invoice
from tickets.models import Ticket

HEADS = "发票号码,开票日期,价税合计,销方识别号"


def invoices(count: int) -> list[Invoice]:
    return [an_invoice() for _ in range(count)]


def taken(data: bytes, organisation: Organisation, by: User, name: str = "清单.csv") -> Batch:
    """The list of these bytes; without a broker the worker has done with it at once."""
    batch, _new = take_in(file=ContentFile(data), name=name, organisation=organisation, by=by)
    return Batch.objects.get(pk=batch.pk)


def a_list(organisation: Organisation, by: User, count: int = 3, given: Sequence[Invoice] = ()) -> Batch:
    return taken(list_csv(given or invoices(count)), organisation, by)


def filed(batch: Batch, by: User, subject: str = "批量查无此票") -> Ticket:
    new = services.NewTicket(subject=subject, symptom="no_record")
    return services.file_batch(batch=batch, new=new, by=by)
