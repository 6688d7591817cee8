"""No source has more than 800 lines: what grows beyond that is more than one thing."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LIMIT = 800


def main():
    files = [p for top in ("src", "tests", "fuzz", "bench", "scripts") for p in (ROOT / top).rglob("*")
             if p.suffix in (".h", ".cpp", ".py")]
    sizes = {p: len(p.read_text(encoding="utf-8").splitlines()) for p in files}
    problems = [f"{p.relative_to(ROOT)}: {n} lines, the limit is {LIMIT}" for p, n in sizes.items() if n > LIMIT]
    print("\n".join(sorted(problems)) or f"file sizes: {len(files)} files below {LIMIT} lines")
    return 1 if problems or not files else 0


sys.exit(main())
