"""The changes that `mutants.py` makes: one place of a module's syntax tree at a time.

Not changed: annotations, docstrings, decorators, and the texts of errors that are caught within.
"""

import ast
import copy
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import CodeType

COMPARED = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
COUNTED = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.FloorDiv: ast.Mult, ast.Div: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr}  # fmt: skip


def places(tree: ast.AST) -> Iterator[ast.AST]:
    """The nodes that may be changed, in their order."""
    for name, value in ast.iter_fields(tree):
        if name in {"annotation", "returns", "decorator_list"} or isinstance(tree, ast.ImportFrom | ast.Import):
            continue
        for node in value if isinstance(value, list) else [value]:
            if not isinstance(node, ast.AST) or (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)):
                continue
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and getattr(node.exc.func, "id", "") in {"ValueError", "TypeError"} and "model" in ast.unparse(node):  # fmt: skip
                continue
            yield node
            yield from places(node)


def ways(node: ast.AST) -> list[ast.AST]:
    """What a node may become."""
    new = copy.deepcopy(node)
    if isinstance(new, ast.Compare) and type(new.ops[0]) in COMPARED:
        new.ops[0] = COMPARED[type(new.ops[0])]()
    elif isinstance(new, ast.BoolOp):
        new.op = ast.Or() if isinstance(new.op, ast.And) else ast.And()
    elif isinstance(new, ast.BinOp | ast.AugAssign) and type(new.op) in COUNTED:
        new.op = COUNTED[type(new.op)]()
    elif (isinstance(new, ast.UnaryOp) and isinstance(new.op, ast.Not)) or (
        isinstance(new, ast.UnaryOp) and isinstance(new.op, ast.USub)
    ):
        return [new.operand]
    elif isinstance(new, ast.Constant) and isinstance(new.value, bool):
        new.value = not new.value
    elif isinstance(new, ast.Constant) and isinstance(new.value, int | float):
        new.value += 1
    elif isinstance(new, ast.Constant) and isinstance(new.value, str):
        new.value = f"XX{new.value}XX"
    elif isinstance(new, ast.Return) and new.value is not None and not isinstance(new.value, ast.Constant):
        new.value = ast.Constant(None)
    elif isinstance(new, ast.IfExp):
        new.body, new.orelse = new.orelse, new.body
    elif isinstance(new, ast.Break):
        return [ast.copy_location(ast.Continue(), node)]
    elif isinstance(new, ast.Continue):
        return [ast.copy_location(ast.Break(), node)]
    else:
        return []
    return [new]


def mutants(source: str) -> list[tuple[range, str, str]]:
    """The lines, what the change is, and the changed source, of every mutant of a module.

    The same change twice in one function has a number behind it.
    """
    count = sum(1 for _ in places(ast.parse(source)))
    found = []
    named: Counter[str] = Counter()
    for number in range(count):
        tree = ast.parse(source)
        node = [*places(tree)][number]
        for new in ways(node):
            lines = range(getattr(node, "lineno", 0), getattr(node, "end_lineno", 0) + 1)
            change = f"{around(tree, lines)}: {ast.unparse(node)[:70]} -> {ast.unparse(new)[:70]}"
            put(tree, node, new)
            named[change] += 1
            twice = f" ({named[change]})" if named[change] > 1 else ""
            found.append((lines, change + twice, ast.unparse(ast.fix_missing_locations(tree))))
    return found


def around(tree: ast.AST, lines: range) -> str:
    """The name of the innermost function or class around the lines."""
    scopes = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.lineno <= lines[0] <= (node.end_lineno or 0)
    ]
    return max(scopes, key=lambda node: node.lineno).name if scopes else "module"


def put(tree: ast.AST, node: ast.AST, new: ast.AST) -> None:
    """Replace a node of a tree."""
    for parent in ast.walk(tree):
        for name, value in ast.iter_fields(parent):
            if value is node:
                setattr(parent, name, new)
            elif isinstance(value, list):
                value[:] = [new if one is node else one for one in value]


def exchanged(old: str, lines: range) -> str:
    """The qualified name of the outermost function whose body alone holds the lines; empty where there is none."""
    if not lines[0]:
        return ""

    def look(nodes: list[ast.stmt], prefix: str) -> str:
        for node in nodes:
            if isinstance(node, ast.ClassDef) and node.lineno <= lines[0] <= (node.end_lineno or 0):
                return look(node.body, f"{prefix}{node.name}.")
            if isinstance(node, ast.FunctionDef) and node.body[0].lineno <= lines[0] <= (node.end_lineno or 0):
                return prefix + node.name
        return ""

    return look(ast.parse(old).body, "")


def exchange(path: Path, new: str, name: str) -> bool:
    """Give the loaded function of that name, in the module of that file, its code in the new source; whether it could.

    What functions remember is forgotten in the whole package.
    """
    modules = [module for key, module in sys.modules.items() if key.partition(".")[0] == "sextortion_detect"]
    (module,) = (one for one in modules if getattr(one, "__file__", None) == str(path))
    found = {}
    waiting = [compile(new, str(path), "exec")]
    while waiting:
        code = waiting.pop(0)
        found[code.co_qualname] = code
        waiting += [one for one in code.co_consts if isinstance(one, CodeType)]
    function = module
    for part in name.split("."):
        function = vars(function)[part]
    function = getattr(function, "fget", None) or getattr(function, "__func__", function)
    function = getattr(function, "__wrapped__", function)
    if name not in found or not hasattr(function, "__code__"):
        return False
    function.__code__ = found[name]
    for one in modules:
        for value in vars(one).values():
            if hasattr(value, "cache_clear"):
                value.cache_clear()
    return True
