"""The steps of the main job inside the backfill: papers, two entries, hand-over, record found."""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import Any

from bench.client import Person, expect
from bench.story import KEYED, REKEYED, Story


def _act(story: Story, who: Person, action: str, **body: Any) -> Any:
    return who.post(f"{story.of_backfill}/actions/{action}/", **body)


def opened(story: Story) -> None:
    made = story.olga.post("/backfills/", invoice=story.invoice_id)
    story.backfill = made["id"]
    expect(made["status"] == "materials" and made["materials"], f"opened as {made}")
    story.olga.refused("POST", "/backfills/", 409, json={"invoice": story.invoice_id})
    story.charlie.refused("GET", f"{story.of_backfill}/", 404)


def papers(story: Story) -> None:
    """The invoice file is there already; everything else is a new upload."""
    ids = {"invoice_file": story.files["pdf"], "upload_log": story.files["log"]}
    for line in _required(story, story.alice):
        kind = line["kind"]
        if kind not in ids:
            text = f"{line['label']} {story.invoice.number}\n示例材料，仅供测试。\n"
            ids[kind] = story.alice.upload(f"{kind}.txt", text.encode("gb18030"), "material")
        story.alice.cleared(ids[kind])
        story.alice.call("PUT", _material(story, kind), json={"evidence": ids[kind]})
    states = {line["state"] for line in _required(story, story.alice)}
    expect(states == {"submitted"}, f"papers are {states}")


def _required(story: Story, who: Person) -> list[dict[str, Any]]:
    return [line for line in who.get(f"{story.of_backfill}/")["materials"] if line["is_required"]]


def _material(story: Story, kind: str) -> str:
    return f"{story.of_backfill}/materials/{kind}/"


def reviewed(story: Story) -> None:
    """One paper is refused and handed in again; then all are accepted."""
    story.alice.refused("PUT", _material(story, "statement"), 403, json={"state": "accepted"})
    story.ann.refused("PUT", _material(story, "statement"), 400, json={"state": "refused"})
    story.ann.call("PUT", _material(story, "statement"), json={"state": "refused", "reason": "缺少公章"})
    story.ann.refused("POST", f"{story.of_backfill}/actions/accept_materials/", 409, json={})
    again = story.alice.upload("statement-2.txt", f"情况说明（盖章） {story.invoice.number}".encode(), "material")
    story.alice.cleared(again)
    story.alice.call("PUT", _material(story, "statement"), json={"evidence": again})
    for line in _required(story, story.ann):
        story.ann.call("PUT", _material(story, line["kind"]), json={"state": "accepted"})
    expect(_act(story, story.ann, "accept_materials")["status"] == "keying", "not to be keyed yet")


def keyed(story: Story) -> None:
    story.rita.refused("POST", f"{story.of_backfill}/actions/key/", 403, json={"fields": story.face(*KEYED)})
    done = _act(story, story.olga, "key", fields=story.face(*KEYED))
    expect(done["status"] == "rekeying" and done["keyed"]["number"] == story.invoice.number, f"keyed as {done}")
    expect(story.rita.get(f"{story.of_backfill}/")["keyed"] is None, "the reviewer sees the first entry")
    expect(story.alice.get(f"{story.of_backfill}/")["keyed"] is None, "the enterprise sees the entry")


def compared(story: Story) -> None:
    """A wrong figure in the second entry is found, can't be approved and goes back."""
    assert story.invoice.amount is not None  # noqa: S101  the factory always makes one
    wrong = {**story.face(*REKEYED), "amount": str(story.invoice.amount + 1)}
    done = _act(story, story.rita, "rekey", fields=wrong)
    expect(done["differing"] == ["amount"], f"differing: {done['differing']}")
    story.rita.refused("POST", f"{story.of_backfill}/actions/approve/", 409, json={})
    back = _act(story, story.rita, "send_back", reason="金额与票面不一致，请核对后重新录入。")
    expect(back["status"] == "keying", f"sent back to {back['status']}")


def four_eyes(story: Story) -> None:
    _act(story, story.olga, "key", fields=story.face(*KEYED))
    story.olga.refused("POST", f"{story.of_backfill}/actions/rekey/", 403, 409, json={"fields": story.face(*REKEYED)})
    done = _act(story, story.rita, "rekey", fields=story.face(*REKEYED))
    expect(done["status"] == "approval" and not done["differing"], f"{done['status']}, {done['differing']}")
    story.olga.refused("POST", f"{story.of_backfill}/actions/approve/", 403, 409, json={})
    done = _act(story, story.rita, "approve")
    expect(done["status"] == "approved" and len(done["approved_hash"]) == 64, f"approved as {done}")
    expect(done["approved_by"]["id"] != done["keyed_by"]["id"], "one person keyed and approved")


def handed_over(story: Story) -> None:
    story.alice.refused("GET", f"{story.of_backfill}/package/", 403)
    package = story.olga.call("GET", f"{story.of_backfill}/package/").content
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        lines = [line.split("  ", 1) for line in archive.read("SHA256SUMS").decode().splitlines()]
        sums = {n: hashlib.sha256(archive.read(n)).hexdigest() for n in archive.namelist() if n != "SHA256SUMS"}
    expect({name: digest for digest, name in lines} == sums, "SHA256SUMS doesn't match the content of the package")
    expect(len(sums) == 1 + len(_required(story, story.olga)), f"the package holds {sorted(sums)}")
    done = _act(story, story.olga, "hand_over", department="海淀区税务局 第一税务所")
    expect(done["status"] == "handed_over" and done["handed_over_at"], f"handed over as {done}")


def received(story: Story) -> None:
    done = _act(story, story.olga, "record_receipt", receipt_number=f"BL-{story.seed}")
    expect(done["status"] == "received" and done["receipt_number"], f"received as {done}")
    body = {"cause": "network", "resolution": "已移交。"}
    problem = story.ann.refused("POST", f"{story.of_ticket}/actions/resolve/", 409, json=body)
    expect(problem["code"] == "backfill_open", f"refused as {problem['code']}")


def found(story: Story) -> None:
    record = story.face("kind", "number", "issue_date", "amount", "total", "seller_tax_id", "buyer_tax_id")
    check = story.ann.post(story.of_checks, site="buyer", outcome="found", note="抵扣勾选中已可见", found=record)
    expect(check["outcome"] == "found" and not check["differences"], f"recorded as {check}")
    expect(story.alice.get(f"{story.of_backfill}/")["status"] == "done", "the backfill is not done")
    ticket = story.alice.get(f"{story.of_ticket}/")
    expect(ticket["invoices"][0]["outcome"] == "found", f"the invoice is {ticket['invoices'][0]['outcome']!r}")


STEPS = (
    ("A backfill is opened with the checklist of its kind, once", opened),
    ("Alice hands every paper in", papers),
    ("Ann refuses one with its reason, gets it again and accepts all", reviewed),
    ("Olga keys the invoice; nobody else sees the entry", keyed),
    ("Rita's wrong figure is found by the comparison; it goes back", compared),
    ("Keyed again and re-keyed blind; olga can't approve, rita can", four_eyes),
    ("The package's hashes hold; handed over", handed_over),
    ("The receipt is recorded; resolving stays refused", received),
    ("A look-up finds the record: backfill done, invoice settled", found),
)
