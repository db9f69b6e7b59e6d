"""The steps of the main job around the ticket: file, read, triage, ask; and at the end resolve and be told."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from bench.client import expect, wait_for
from bench.story import BEIJING, Story

SAME = ("number", "issue_date", "amount", "tax", "total", "seller_tax_id", "buyer_tax_id")


def tokens(story: Story) -> None:
    for person in story.people.values():
        person.fetch_token()
        me = person.get("/me/")
        expect(person.email in str(me), f"/me/ is somebody else: {me}")


def read(story: Story) -> None:
    name, data, _purpose = story.carriers()["xml"]
    before = story.alice.get("/tickets/")["results"]
    answer = story.alice.call("POST", "/invoices/read/", files={"file": (name, data)}).json()
    story.claim = _same_as_face(story, answer, "read")
    expect("id" not in answer, "the answer names something that was stored")
    expect(story.alice.get("/tickets/")["results"] == before, "reading made a ticket")


def _same_as_face(story: Story, reading: dict[str, Any], what: str) -> dict[str, str]:
    """The fields of a reading, after comparing those that every carrier shows."""
    found = {name: value["value"] if isinstance(value, dict) else value for name, value in reading["fields"].items()}
    face = story.face(*SAME)
    wrong = {name: (found.get(name), face[name]) for name in SAME if str(found.get(name)) != face[name]}
    expect(not wrong, f"{what} differs from the face: {wrong}")
    return {name: str(value) for name, value in found.items() if value is not None}


def upload(story: Story) -> None:
    carriers = story.carriers()
    story.files = {key: story.alice.upload(*file) for key, file in carriers.items()}
    for key, pk in story.files.items():
        done = story.alice.cleared(pk)
        expect(done["size"] == len(carriers[key][1]), f"{key}: {done['size']} bytes")
        if key != "log":
            _same_as_face(story, done["reading"], key)


def file_ticket(story: Story) -> None:
    claimed = ("kind", "code", "check_code", "seller_name", "buyer_name", *SAME)
    body = {
        "subject": f"查验平台查无此票 {story.invoice.number}",
        "description": "开票已满一周，税务数字账户和查验平台都查不到，上传日志见附件。",
        "symptom": "no_record",
        "invoices": [{name: story.claim[name] for name in claimed if story.claim.get(name)}],
        "evidence": list(story.files.values()),
        "tried": ["次日重新查验", "重新上传"],
    }
    key = {"Idempotency-Key": f"journey-{story.seed}"}
    first = story.alice.call("POST", "/tickets/", 201, json=body, headers=key).json()
    again = story.alice.call("POST", "/tickets/", 201, json=body, headers=key).json()
    expect(first["number"] == again["number"], f"filed twice: {first['number']}, {again['number']}")
    expect(len(first["evidence"]) == len(story.files), f"files of the ticket: {first['evidence']}")
    story.ticket, story.invoice_id = first["number"], first["invoices"][0]["id"]


def stranger(story: Story) -> None:
    pk = story.files["pdf"]
    for path in (f"{story.of_ticket}/", f"/evidence/{pk}/", f"/evidence/{pk}/file/", story.of_checks):
        story.charlie.refused("GET", path, 404)
    got = story.alice.call("GET", f"/evidence/{pk}/file/")
    expect(got.content == story.carriers()["pdf"][1], "the file came back changed")
    expect("attachment" in got.headers["Content-Disposition"], "the file is not sent as an attachment")


def duplicate(story: Story) -> None:
    invoice = {"kind": "82", **story.face(*SAME)}
    body = {"subject": "同一张发票再次提交", "symptom": "no_record", "invoices": [invoice]}
    second = story.alice.post("/tickets/", **body)
    expect(story.ticket in second["duplicates"], f"no warning: {second['duplicates']}")
    other = story.charlie.post("/tickets/", **body)
    expect(not other["duplicates"], f"another enterprise's ticket is shown: {other['duplicates']}")
    story.alice.post(f"/tickets/{second['number']}/actions/withdraw/")
    story.charlie.post(f"/tickets/{other['number']}/actions/withdraw/")


def seen_by_desk(story: Story) -> None:
    number = story.invoice.number
    rows = story.ann.get("/tickets/", queue="triage", status="new", invoice_number=number)["results"]
    expect([row["number"] for row in rows] == [story.ticket], f"the queue shows {rows}")
    answer = story.ann.call("GET", f"{story.of_ticket}/")
    tag, change = answer.headers["ETag"], {"priority": 2}
    story.ann.refused("PATCH", f"{story.of_ticket}/", 428, json=change)
    story.ann.refused("PATCH", f"{story.of_ticket}/", 412, json=change, headers={"If-Match": '"99999"'})
    changed = story.ann.call("PATCH", f"{story.of_ticket}/", json=change, headers={"If-Match": tag}).json()
    expect(changed["priority"] == 2, f"priority {changed['priority']}")


def proposal(story: Story) -> None:
    path = f"{story.of_ticket}/proposal/"
    story.alice.refused("GET", path, 403, 404)

    def ready() -> Any:
        answer = story.ann.call("GET", path, 200, 404)
        return answer.json() if answer.status_code == 200 else None

    found = wait_for(ready, "proposal")
    values = found["values"]
    expect(values and all(item["reasons"] for item in values.values()), f"a value without its reason: {values}")
    before = story.ann.get(f"{story.of_ticket}/")
    expect(before["status"] == "new" and not before["cause"], "something was applied before anybody decided")
    decided = story.ann.post(f"{path}decision/", priority=2)
    now = story.ann.get(f"{story.of_ticket}/")
    expect(now["status"] == "open" and now["cause"] == values["cause"]["value"], f"{now['status']}, {now['cause']!r}")
    expect(decided["changed"] == (["priority"] if values["priority"]["value"] != 2 else []), f"kept: {decided}")
    story.ann.refused("POST", f"{path}decision/", 409, json={})


def ask(story: Story) -> None:
    story.ann.post(f"{story.of_ticket}/actions/ask/", body="请说明开票软件的版本，以及最近一次上传的时间。")
    seen = story.alice.get(f"{story.of_ticket}/")
    expect(seen["status"] == "waiting_enterprise", f"status {seen['status']}")
    story.alice.post(f"{story.of_ticket}/messages/", body="软件版本 5.2.1，昨天 09:30 上传过一次。")
    story.ann.post(f"{story.of_ticket}/messages/", body="软件版本无已知问题。", visibility="internal")
    seen = story.alice.get(f"{story.of_ticket}/")
    expect(seen["status"] == "open", f"the answer didn't end the waiting: {seen['status']}")
    talk = story.alice.get(f"{story.of_ticket}/messages/")["results"]
    expect(len(talk) == 2, f"alice reads {[message['body'] for message in talk]}")


def not_found(story: Story) -> None:
    seen = dt.datetime.now(BEIJING) - dt.timedelta(hours=3)
    body = {"site": "public", "outcome": "not_found", "looked_up_at": seen.isoformat(), "note": "查无此票"}
    check = story.ann.post(story.of_checks, **body)
    expect(check["outcome"] == "not_found", f"recorded as {check['outcome']}")
    story.ann.refused("POST", story.of_checks, 409, json=body)
    ladder = story.alice.get(story.of_checks)
    expect(len(ladder["results"]) == 1 and ladder["advice"]["reason"], f"the ladder says {ladder}")
    story.ann.refused("POST", f"{story.of_ticket}/actions/resolve/", 409, json={"cause": "network", "resolution": "好"})


def resolve(story: Story) -> None:
    path = f"{story.of_ticket}/actions/resolve/"
    story.ann.refused("POST", path, 400, json={"resolution": "已补录，查验平台可以查到。"})
    done = story.ann.post(path, cause="network", resolution="上传中断，已人工补录；查验平台现可查到该发票。")
    expect(done["status"] == "resolved" and done["cause"] == "network", f"{done['status']}, {done['cause']}")


def told(story: Story) -> None:
    def resolved() -> bool:
        rows = story.alice.get("/notifications/")["results"]
        return any(row["ticket"] == story.ticket and row["kind"] == "ticket.resolved" for row in rows)

    wait_for(resolved, "alice's notification")


def page(story: Story) -> None:
    story.alice.sign_in()
    text = story.alice.page(f"/tickets/{story.ticket}/")
    number = story.invoice.number
    shown = re.search(rf'<span class="mono">{number}</span>(.*?)</li>', text, re.DOTALL)
    expect(shown, f"the page doesn't show {number}")
    expect("Record found" in shown[1], f"the page says of the invoice: {shown[1][:300]}")  # type: ignore[index]


OPENING = (
    ("Five people fetch their tokens", tokens),
    ("An invoice file is read, and nothing is stored", read),
    ("XML, OFD, PDF and a GB18030 log are received, checked and read", upload),
    ("The ticket is filed; sent twice it is the same one", file_ticket),
    ("A stranger finds neither ticket nor file", stranger),
    ("A second ticket with the invoice warns its own enterprise alone", duplicate),
    ("The desk sees it in triage; a change needs the version that was read", seen_by_desk),
    ("The proposal comes with reasons and is accepted", proposal),
    ("The desk asks for more, the enterprise answers", ask),
    ("A look-up that finds nothing is recorded once; resolving is refused", not_found),
)
ENDING = (
    ("The ticket is resolved with its cause", resolve),
    ("Alice is told in the service", told),
    ("Alice signs in by the form and reads: record found", page),
)
