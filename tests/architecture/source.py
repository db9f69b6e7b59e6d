"""The sources as trees, for rules that no linter knows."""

from __future__ import annotations

import ast
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("helpdesk", "accounts", "kb", "tickets")
Function = ast.FunctionDef | ast.AsyncFunctionDef


@cache
def files(suffix: str = "") -> tuple[Path, ...]:
    """What belongs to the project: known to git, or new and not ignored."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    ).stdout.split("\n")
    found = [ROOT / name for name in listed if name] or [
        path for path in ROOT.rglob("*") if not {".venv", "var", ".git"} & set(path.parts)
    ]
    return tuple(sorted(path for path in found if path.suffix.endswith(suffix) and path.is_file()))


@cache
def modules() -> dict[str, ast.Module]:
    """Dotted name → tree, of the four rooms without migrations."""
    found = {}
    for path in files(".py"):
        relative = path.relative_to(ROOT)
        if relative.parts[0] in ROOMS and "migrations" not in relative.parts:
            parts = relative.with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = ast.parse(path.read_text(), str(path))
    return found


def path_of(module: str) -> Path:
    """The file of a dotted name."""
    path = ROOT.joinpath(*module.split("."))
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


@cache
def pure() -> tuple[str, ...]:
    """The modules that the contract on PURE names in pyproject.toml, and the modules below them."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        contracts = tomllib.load(file)["tool"]["importlinter"]["contracts"]
    named = next(c["source_modules"] for c in contracts if c["name"].startswith("PURE"))
    return tuple(n for n in modules() if any(n == one or n.startswith(one + ".") for one in named))


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def calls(tree: ast.AST, method: str) -> Iterator[ast.Call]:
    """Calls of `….method(…)`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method:
            yield node


def decorators(function: Function) -> set[str]:
    """Bare names: `require_POST`, `require_http_methods`, `action`."""
    found = set()
    for node in function.decorator_list:
        target = node.func if isinstance(node, ast.Call) else node
        found.add(target.attr if isinstance(target, ast.Attribute) else getattr(target, "id", ""))
    return found


def lines(function: Function) -> int:
    """Lines from `def` to the end, without the docstring."""
    first = function.body[0]
    told = ast.get_docstring(function, clean=False) is not None
    docstring = (first.end_lineno or 0) - first.lineno + 1 if told else 0
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def owner(tree: ast.Module, node: ast.AST) -> str:
    """The innermost function around `node`, "" at module level."""
    name = ""
    for function in functions(tree):
        if function.lineno <= node.lineno <= (function.end_lineno or 0):  # type: ignore[attr-defined]
            name = function.name
    return name


def imports(name: str, tree: ast.Module) -> Iterator[str]:
    """Every module that `name` imports, inside functions too, outside `if TYPE_CHECKING`."""
    unused: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            unused |= {inner for part in node.body for inner in ast.walk(part)}
    for node in ast.walk(tree):
        if node in unused:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            full = [f"{base}.{alias.name}" for alias in node.names]
            yield from full
            if not all(one in modules() for one in full):
                yield base
