"""Include arrows point one way: a folder of src/ sees itself and the folders before it, DuckDB has two rooms."""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
# Each group may see the groups before it and, within a group, only itself.
ORDER = [["common"], ["telemetry", "security", "results", "net"], ["engine"], ["sql"], ["session"], ["admission"],
         ["routing"], ["worker"], ["distributed"], ["frontends"], ["server"]]
RANK = {folder: rank for rank, group in enumerate(ORDER) for folder in group}
DUCKDB_ROOMS = ("src/engine/", "src/distributed/planner/", "src/distributed/fragment/")
INCLUDE = re.compile(r'^\s*#\s*include\s+["<]([^">]+)[">]')


def check(path):
    name = path.relative_to(ROOT).as_posix()
    folder = name.split("/")[1]
    if folder not in RANK:
        yield f"{name}: the folder src/{folder} is not in the order of tests/lint/check_layers.py"
        return
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        target = found.group(1)
        first = target.split("/")[0]
        if first in ("duckdb", "duckdb.hpp", "duckdb.h") and not name.startswith(DUCKDB_ROOMS):
            yield f"{name}:{number}: DuckDB's headers are for {' and '.join(DUCKDB_ROOMS)} only"
        elif "/" in target and first in RANK and first != folder and RANK[first] >= RANK[folder]:
            yield f"{name}:{number}: {folder} must not see {target}"
        elif target.startswith("engine/engine_impl") and folder != "engine":
            yield f"{name}:{number}: {target} is the engine's own"


def main():
    files = sorted(p for p in (ROOT / "src").rglob("*") if p.suffix in (".h", ".cpp"))
    problems = [problem for path in files for problem in check(path)]
    print("\n".join(problems) or f"layers: {len(files)} files in order")
    return 1 if problems or not files else 0


sys.exit(main())
