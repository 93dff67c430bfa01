"""Make small faults in `core`, one at a time, and see whether the tests notice.

    python tests/bench/mutants_of_core.py [--number 150] [--seed 1] [--limit 90] [--at FOLDER]

A fault turns a comparison round, takes one for the other of `and` and `or`, adds one, leaves
a statement out, or returns nothing. It is made in a copy of this checkout (`--at`: where), and
the tests are run there that are likely to notice, up to the first that does. Whatever is
printed as ALIVE is either no fault at all, or a test that is missing.
"""

import argparse
import ast
import copy
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def _tests(folder: str, names: str) -> list[str]:
    return [f"tests/{folder}/test_{name}.py" for name in names.split()]


LAB = _tests("core/lab", "drive disturb refusals record observed commands history conditions judge")
LAB += _tests("core/lab", "otherwise mechanisms raw feed story")
CORE = _tests("core", "processor processor_oracle wire node")
LIKELY = {
    "core/lab/du": _tests("core/lab", "durable") + _tests("repl/render", "store"),
    "core/lab/di": _tests("core/lab", "durable") + _tests("repl/cli", "store"),
    "core/lab": LAB + _tests("repl/render", "snapshots words") + _tests("core/lab", "truth"),
    "core/search": ["tests/core/search", *_tests("core", "mutants"), *_tests("repl/cli", "search")],
    "core/examiner": _tests("core", "mutants") + _tests("core/examiner", "conformance"),
    "core/store": _tests("core/store", "between power fencing stores bad_days faults"),
    "core/node": _tests("core", "node main"),
    "core/__": _tests("core", "library main"),
    "core": [*CORE, *LAB, *_tests("core", "mutants"), "tests/core/search"],
}
"""The tests that are likely to notice, by how the path of a file begins; the first counts."""

_PAIRS = [
    *((ast.Eq, ast.NotEq), (ast.In, ast.NotIn), (ast.Is, ast.IsNot), (ast.And, ast.Or)),
    *((ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Add, ast.Sub)),
]
OTHER: dict[type, type] = dict([*_PAIRS, *((b, a) for a, b in _PAIRS)])


def faulty(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what a careless hand could write in place of a node."""
    twin = copy.deepcopy(node)
    match twin:
        case ast.Compare(ops=[op, *_]) if type(op) in OTHER:
            twin.ops[0] = OTHER[type(op)]()
            yield twin
        case ast.BinOp(op=op) | ast.BoolOp(op=op) if type(op) in OTHER:
            twin.op = OTHER[type(op)]()
            yield twin
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            yield operand
        case ast.Constant(value=bool(value)):
            yield ast.Constant(not value)
        case ast.Constant(value=int(value)):
            yield ast.Constant(value + 1)
        case ast.Return(value=ast.AST()) if not _is_none(twin.value):
            yield ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call()) | ast.AugAssign() | ast.Delete():
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield ast.Pass()


def _is_none(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def places(tree: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Yield each place of a tree that can be made faulty: parent, field, index, what to put."""
    for parent in ast.walk(tree):
        for field, value in ast.iter_fields(parent):
            if field in {"annotation", "returns", "decorator_list"} or isinstance(
                parent, ast.Assert | ast.AnnAssign | ast.JoinedStr
            ):
                continue
            several = value if isinstance(value, list) else [value]
            for index, node in enumerate(several):
                if isinstance(node, ast.AST):
                    for other in faulty(node):
                        yield parent, field, index if isinstance(value, list) else None, other


def made(path: Path, number: int) -> str:
    """Put the so manieth fault into a file; return what it is."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    parent, field, index, other = list(places(tree))[number]
    here = getattr(parent, field)
    before = here if index is None else here[index]
    if index is None:
        setattr(parent, field, other)
    else:
        here[index] = other
    path.write_text(ast.unparse(ast.fix_missing_locations(tree)), encoding="utf-8")
    return f"{before.lineno}: {ast.unparse(before)[:60]!r} -> {ast.unparse(other)[:60]!r}"


def noticed(at: Path, file: str, limit: int) -> str:
    """Run the likely tests in a copy; say which one noticed, or that none did."""
    tests = next(tests for start, tests in LIKELY.items() if file.startswith(start))
    command = [sys.executable, "-m", "pytest", "-xq", "--tb=no", "-p", "no:cacheprovider", *tests]
    environment = {**os.environ, "PYTHONPATH": str(at), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        ended = subprocess.run(
            command,
            check=False,
            cwd=at,
            env=environment,
            capture_output=True,
            text=True,
            timeout=limit,
        )
    except subprocess.TimeoutExpired:
        return "not done in time"
    failed = [line for line in ended.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return "ALIVE" if not ended.returncode else " ".join(failed[:1])[:90] or "not even loaded"


def main() -> None:
    """Make the faults, and print what became of each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    for option, value in {"number": 150, "seed": 1, "limit": 90}.items():
        parser.add_argument(f"--{option}", type=int, default=value)
    parser.add_argument("--at", type=Path, default=Path(tempfile.gettempdir(), "mutants"))
    options = parser.parse_args()
    skipped = shutil.ignore_patterns(".*", "__pycache__")
    shutil.copytree(ROOT, options.at, ignore=skipped, dirs_exist_ok=True)
    files = sorted(str(path.relative_to(ROOT)) for path in (ROOT / "core").rglob("*.py"))
    every = [
        (file, number)
        for file in files
        for number, _ in enumerate(places(ast.parse((ROOT / file).read_text(encoding="utf-8"))))
    ]
    random.Random(options.seed).shuffle(every)  # noqa: S311 - a sample, not a secret
    alive = 0
    for file, number in every[: options.number]:
        shutil.copy(ROOT / file, options.at / file)
        what = made(options.at / file, number)
        verdict = noticed(options.at, file, options.limit)
        shutil.copy(ROOT / file, options.at / file)
        alive += verdict == "ALIVE"
        print(f"{verdict:40} {file}:{what}", flush=True)
    print(f"{alive} of {options.number} alive, {len(every)} could be made")


if __name__ == "__main__":
    main()
