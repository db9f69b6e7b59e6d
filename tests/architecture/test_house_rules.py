"""House rules that no linter knows (docs/architecture.md). An exception stands in a list below with its reason."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.architecture.source import (
    ROOT,
    calls,
    decorators,
    files,
    functions,
    imports,
    lines,
    modules,
    owner,
    pure,
)

MODULES = modules()
EDGES = {n: t for n, t in MODULES.items() if re.search(r"\.(views|api)(\.|$)", n)}


def told(name: str, node: ast.AST, what: str = "") -> str:
    return f"{name}:{node.lineno} {what}".strip()  # type: ignore[attr-defined]


# Budgets


def test_files_stay_below_400_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): count
        for path in files(".py")
        if "migrations" not in path.parts and (count := len(path.read_text().splitlines())) > 400
    }
    assert not long


def test_functions_stay_below_60_lines() -> None:
    assert not [told(n, f, f.name) for n, tree in MODULES.items() for f in functions(tree) if lines(f) > 60]


VIEW_MARKS = {
    "require_safe",
    "require_POST",
    "require_http_methods",
    "form_page",
    "login_required",
    "posting",
    "action",
}
VERBS = {"get", "post", "put", "patch", "delete", "create", "retrieve", "list", "partial_update", "destroy"}


def views() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Functions and methods that answer a request."""
    for name, tree in EDGES.items():
        for function in functions(tree):
            if isinstance(function, ast.FunctionDef) and (decorators(function) & VIEW_MARKS or function.name in VERBS):
                yield name, function


def test_views_stay_below_20_lines() -> None:
    found = [told(name, f, f"{f.name} {lines(f)}") for name, f in views() if lines(f) > 20]
    assert sum(1 for _ in views()) > 80
    assert not found


def services() -> Iterator[tuple[str, ast.FunctionDef]]:
    """Public functions of every services.py."""
    for name, tree in MODULES.items():
        if name.endswith(".services"):
            for node in tree.body:
                if isinstance(node, ast.FunctionDef) and not node.name.startswith("_"):
                    yield name, node


def test_services_take_at_most_seven_keyword_arguments() -> None:
    assert not [told(n, f, f.name) for n, f in services() if len(f.args.kwonlyargs) > 7]


def test_services_that_name_an_actor_take_keywords_alone() -> None:
    found = [
        told(name, function, function.name)
        for name, function in services()
        if "by" in {a.arg for a in function.args.kwonlyargs + function.args.args} and function.args.args
        if function.name != "record"  # as in tickets/workflow.py: the event's subject and kind come first
    ]
    assert not found


# One writer per fact


def test_there_are_no_signals() -> None:
    banned = re.compile(r"django\.(dispatch|db\.models\.signals|db\.backends\.signals|core\.signals)|axes\.signals")
    found = [(n, i) for n, tree in MODULES.items() for i in imports(n, tree) if banned.match(i)]
    assert not found


def test_no_model_overrides_save_or_delete() -> None:
    found = []
    for name, tree in MODULES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                own = {part.name for part in node.body if isinstance(part, ast.FunctionDef)} & {"save", "delete"}
                if own and (name.endswith("models") or "Form" in "".join(ast.unparse(b) for b in node.bases)):
                    found.append(told(name, node, node.name))
    assert not [f for f in found if f.split()[-1] not in SAVE_OVERRIDES]


SAVE_OVERRIDES = {"SignupForm": "allauth's hook: the person's new row goes through the service below it"}
WHOLE_ROWS = {
    ("accounts.querysets", "create_user"): "creation: the hash of the password is set on the new row",
    ("accounts.forms", "save"): "allauth's hook, creation",
}


def test_save_names_its_columns() -> None:
    found = []
    for name, tree in MODULES.items():
        for call in calls(tree, "save"):
            named = {keyword.arg for keyword in call.keywords}
            if call.args or "update_fields" in named:  # with arguments: a file, a picture, a draft
                continue
            if (name, owner(tree, call)) not in WHOLE_ROWS:
                found.append(told(name, call))
    assert not found


STATUS_WRITERS = {
    "tickets.workflow": "the one writer",
    "kb.services": "the one writer of revisions",
    "kb.status.services": "the one writer of incidents",
    "accounts.idempotency": "the HTTP status of a kept answer",
    "helpdesk.management.commands.load_sample": "bulk rows of the load test; the states are walked through the table",
}
WRITING = {"create", "update", "get_or_create", "update_or_create", "bulk_create", "acreate", "aupdate"}


def test_only_the_workflow_writes_a_status() -> None:
    found = []
    for name, tree in MODULES.items():
        if name in STATUS_WRITERS:
            continue
        for node in ast.walk(tree):
            targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
            if any(isinstance(t, ast.Attribute) and t.attr == "status" for t in targets):
                found.append(told(name, node))
        for method in WRITING:
            found += [told(name, c) for c in calls(tree, method) if "status" in {k.arg for k in c.keywords}]
        models = {c for c in tenant_models() | {"Revision"} if c != "IdempotencyKey"}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in models:
                found += [told(name, node) for k in node.keywords if k.arg == "status"]
    assert not found


# One door to rows


def tenant_models() -> set[str]:
    """Every table of tickets: what belongs to an enterprise, a ticket or a person."""
    found = set()
    for name, tree in MODULES.items():
        if name.startswith("tickets.") and name.endswith("models"):
            classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
            found |= {c.name for c in classes if re.search(r"models\.Model|EventBase", ast.unparse(c))}
    return found


DOORS = {"visible_to", "of", "rows_of", "none"}  # `of`: of a ticket, for a person
OPEN_TABLES = {
    "CheckList": "imported lists belong to the desk; the view asks for the permission first",
}
NARROWED = {
    ("tickets.views.timeline", "_names", "User"): "who wrote what came through visible_to",
    ("tickets.views.desk", "_totals", "TicketInvoice"): "sums of tickets that came through visible_to",
    ("tickets.api.tickets", "get_queryset", "Backfill"): "prefetched from tickets that came through visible_to",
    ("tickets.api.triage", "_latest", "Proposal"): "of a ticket that came through visible_to",
    ("accounts.views", "profile", "User"): "oneself",
    ("accounts.views", "profile", "Membership"): "one's own",
    ("accounts.views", "organisation", "Invitation"): "of an enterprise that came through visible_to",
    ("accounts.views", "invitation", "User"): "whether the invited address has an account, for who holds the secret",
    ("accounts.views", "people", "User"): "behind ROLE_GRANT",
    ("accounts.views", "role", "User"): "behind ROLE_GRANT",
    ("tickets.views.desk", "assign", "User"): "agents to assign, for the desk",
    ("tickets.api.tickets", "_assignee", "User"): "agents to assign, for the desk",
    ("accounts.api", "_may_sign_in", "EmailAddress"): "of the person whose password was right",
    ("kb.api", "get_languages", "Revision"): "published texts of an article that came through visible_to",
    ("kb.training.views.people", "waive", "User"): "behind TRAINING_MANAGE",
    ("kb.views.reading", "_vote", "Feedback"): "the visitor's own vote",
    ("kb.views.reading", "_elsewhere", "Article"): "gone_for asks for the reader's audience, too",
}


def test_edges_reach_rows_through_visible_to_alone() -> None:
    found = []
    assert {"Ticket", "TicketInvoice", "Message", "Evidence", "Backfill", "Check", "Proposal", "Notification"} <= (
        tenant_models()
    )
    for name, tree in EDGES.items():
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Attribute) and isinstance(node.value, ast.Attribute)):
                continue
            if node.value.attr not in ("objects", "_default_manager"):
                continue
            model = ast.unparse(node.value.value)
            known = model in OPEN_TABLES or (name, owner(tree, node), model) in NARROWED
            if node.attr not in DOORS and not known:
                found.append(told(name, node, f"{owner(tree, node)} {model}.{node.attr}"))
    assert not found


def test_edges_hand_no_bare_model_to_get_object_or_404() -> None:
    found = []
    for name, tree in EDGES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"get_object_or_404", "get_list_or_404"}:
                first = ast.unparse(node.args[0])
                if re.fullmatch(r"[A-Z]\w+", first) and first not in {"Category"}:
                    scoped = any("_organisation(" in ast.unparse(k.value) for k in node.keywords)
                    found += [] if scoped else [told(name, node, first)]
    assert not found


# The ladder


FRAMEWORKS = re.compile(r"(django|rest_framework|celery|kombu|allauth|axes|drf_spectacular|django_\w+)(\.|$)")


def test_pure_modules_import_no_framework_by_any_road() -> None:
    found = []
    for start in pure():
        seen, todo = {start}, [start]
        while todo:
            name = todo.pop()
            for target in imports(name, MODULES[name]):
                if FRAMEWORKS.match(target):
                    found.append((start, name, target))
                if target in MODULES and target not in seen:
                    seen.add(target)
                    todo.append(target)
    assert not found


def test_pure_modules_load_without_django() -> None:
    program = (
        f"import importlib, sys\nfor name in {pure()!r}: importlib.import_module(name)\n"
        "print([m for m in ('django', 'rest_framework', 'celery') if m in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    assert run.stdout.strip() == "[]", run.stderr


def test_modules_that_say_they_are_pure_are_under_contract() -> None:
    say = {n for n, tree in MODULES.items() if (ast.get_docstring(tree) or "").startswith("PURE")}
    assert say <= set(pure())


STARTS = {
    (
        "tickets.notifications.services",
        "tickets.notifications.tasks",
    ): "hands its own work to the broker after the commit",
}


def test_there_is_no_import_cycle() -> None:
    graph = {
        n: {i for i in imports(n, t) if i in MODULES and i != n and (n, i) not in STARTS} for n, t in MODULES.items()
    }
    done: set[str] = set()
    cycles: list[list[str]] = []

    def visit(name: str, path: list[str]) -> None:
        if name in path:
            cycles.append([*path[path.index(name) :], name])
        elif name not in done:
            for target in sorted(graph[name]):
                visit(target, [*path, name])
            done.add(name)

    for name in graph:
        visit(name, [])
    assert not cycles


# Pages


TEMPLATES = [path for path in files(".html") if "templates" in path.parts]
INLINE = re.compile(r"<style\b|\sstyle\s*=|\son[a-z]{3,}\s*=|javascript:|<script\b(?![^>]*\bsrc=)", re.IGNORECASE)


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_templates_hold_no_inline_style_or_script(path: object) -> None:
    text = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", "", path.read_text())  # type: ignore[attr-defined]
    assert not INLINE.findall(text)


def test_text_is_escaped_by_the_templates_alone() -> None:
    assert not [p.name for p in TEMPLATES if re.search(r"\|\s*safe\b|autoescape off", p.read_text())]
    safe = {n for n, tree in MODULES.items() if "django.utils.safestring.mark_safe" in imports(n, tree)}
    assert safe <= {
        "helpdesk.common.markdown",  # after nh3
        "helpdesk.common.snippets",  # after escape()
        "kb.search",  # snippets.mark, which escapes
        "helpdesk.templatetags.ui",
        "helpdesk.templatetags.helpdesk",
    }


# The repository


TEXTS = [path for path in files() if path.suffix not in {".png", ".jpg", ".woff2", ".ico", ".mo", ".gz", ".br"}]


def grep(pattern: str) -> list[str]:
    found = []
    for path in TEXTS:
        text = path.read_text(errors="replace")
        for match in re.finditer(pattern, text):
            line = text.count("\n", 0, match.start()) + 1
            found.append(f"{path.relative_to(ROOT)}:{line} {match.group()}")
    return [f for f in found if not f.startswith("tests/architecture/test_house_rules.py")]


def test_no_file_names_a_package_index_or_mirror() -> None:
    hosts = (
        r"(?:mirrors?\.[a-z0-9-]+\.[a-z]{2,}|[a-z0-9.-]*pypi[a-z0-9-]*\.[a-z]{2,}|registry\.npm|files\.pythonhosted)"
    )
    assert not grep(rf"(?i){hosts}|--(?:extra-)?index-url|(?<!emit-)index-url\s*=|artifactory|devpi|/simple/(?=\s|$)")


def test_no_file_speaks_of_what_lies_outside_the_repository() -> None:
    assert not grep(r"\.\./shared|(?<![\w.])/work/|(?i:\bissues? ?#\d+)|\((?:GH-|#)\d+\)")
