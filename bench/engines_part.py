"""The part `engines` of run.py: other engines that spread a query over workers, on the same files."""

import contextlib
import hashlib
import json
import math
import os
import pathlib
import select
import statistics
import subprocess
import venv

import distributed_part
from peers import seconds, table

# An engine that takes longer for one query is left out from there on.
LONGEST_SECONDS = 60
# And one that takes longer than this is asked once, not in every round.
SLOW_SECONDS = 3
END_SECONDS = 10
HERE = pathlib.Path(__file__).resolve().parent
# What each needs, as pip takes it.
ENGINES = {
    "sail": ["pysail==0.7.2", "pyspark[connect]==4.0.1", "pandas==2.3.3", "setuptools==80.9.0"],
    "spark": ["pysail==0.7.2", "pyspark[connect]==4.0.1", "pandas==2.3.3", "setuptools==80.9.0"],
    "daft": ["daft[ray]==0.7.26"],
    # It imports duckdb.typing, which DuckDB 1.5 has no more.
    "smallpond": ["smallpond==0.15.0", "duckdb==1.4.5", "setuptools==80.9.0"],
}


def python_of(packages):
    """A Python with these packages, installed on first use beside the other downloads."""
    home = pathlib.Path(os.environ["SKEIN_CACHE"]) / f"engine-{hashlib.sha256(' '.join(packages).encode()).hexdigest()[:12]}"
    python = home / "bin" / "python"
    if not (home / ".ready").exists():
        venv.create(home, clear=True, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages], check=True)
        (home / ".ready").touch()
    return python


class OtherEngine:
    """A process of other_engine.py."""

    def __init__(self, stack, name, folder, workers):
        self.process = subprocess.Popen(
            [python_of(ENGINES[name]), HERE / "other_engine.py", name, folder, str(workers)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        stack.callback(self.end)
        self.name = self.answer()["name"]

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            # Spark's client tries to reach a server that is gone.
            self.process.kill()
            self.process.wait()

    def answer(self):
        ready, _, _ = select.select([self.process.stdout], [], [], LONGEST_SECONDS)
        if not ready:
            self.process.terminate()
            raise RuntimeError(f"no answer in {LONGEST_SECONDS} s, and not asked again")
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError("the engine ended")
        return json.loads(line)

    def ask(self, sql):
        """(seconds, rows as lists of text), or raises RuntimeError."""
        if self.process.poll() is not None:
            raise RuntimeError("ended before")
        self.process.stdin.write(json.dumps(sql) + "\n")
        self.process.stdin.flush()
        found = self.answer()
        if "error" in found:
            raise RuntimeError(found["error"])
        return found["seconds"], found["rows"]


class Skein:
    """A session as other engines are asked."""

    def __init__(self, name, session):
        self.name = name
        self.session = session

    def ask(self, sql):
        answer = []
        took = seconds(lambda: answer.append(self.session.run(sql)))
        return took, text_rows(answer[0])


def text_rows(found):
    columns = [[None if value is None else str(value) for value in column.to_pylist()] for column in found.columns]
    return [list(row) for row in zip(*columns)]


def plain(value):
    """Engines give a DECIMAL, a DOUBLE or a date and time for the same; what is compared is the value."""
    if value is None:
        return "NULL"
    try:
        return float(value)
    except ValueError:
        return value.removesuffix(" 00:00:00").rstrip()


def same(found, expected):
    def ordered(rows):
        return sorted(([plain(one) for one in row] for row in rows),
                      key=lambda row: [f"{one:.6g}" if isinstance(one, float) else one for one in row])

    def close(one, other):
        # A mean of decimals has four digits in some engines and sixteen in others.
        return math.isclose(one, other, rel_tol=1e-4) if isinstance(one, float) and isinstance(other, float) else one == other

    found, expected = ordered(found), ordered(expected)
    return len(found) == len(expected) and all(
        len(row) == len(wanted) and all(map(close, row, wanted)) for row, wanted in zip(found, expected))


def figures(start_server, in_process, directory, workers, rounds, asked):
    """The text of the part. `asked`: names of ENGINES."""
    rows, failures = [], []
    with contextlib.ExitStack() as stack:
        local = distributed_part.duckdb_over(stack, in_process, directory)
        here = distributed_part.cut_in_process(stack, start_server, directory, workers)
        there = distributed_part.cut_on_ray(stack, directory, workers)
        contenders = [Skein("Skein in process", here), Skein("Skein on Ray", there)]
        for name in asked:
            try:
                contenders.append(OtherEngine(stack, name, directory, workers))
            except (RuntimeError, subprocess.CalledProcessError) as error:
                failures.append(f"{name} does not start here: {error}")
        names = [one.name for one in contenders]
        times = {name: {} for name in names}
        local_times = {}
        for number, sql in local.execute("SELECT query_nr, query FROM tpch_queries() ORDER BY 1").fetchall():
            sql = sql.strip().rstrip(";")
            expected = text_rows(local.execute(sql).to_arrow_table())
            able = []
            for one in contenders:
                try:
                    if same(one.ask(sql)[1], expected):
                        able.append(one)
                    else:
                        failures.append(f"{one.name}, Q{number}: another answer than DuckDB's")
                except RuntimeError as error:
                    failures.append(f"{one.name}, Q{number}: {' '.join(str(error).split())[:200]}")
            seen = {one.name: [] for one in able}
            alone = []
            for turn in range(rounds):
                alone.append(seconds(lambda: local.execute(sql).to_arrow_table()))
                for one in able if turn % 2 == 0 else reversed(able):
                    if turn == 0 or seen[one.name][0] < SLOW_SECONDS:
                        seen[one.name].append(one.ask(sql)[0])
            local_times[number] = statistics.median(alone)
            for name, took in seen.items():
                times[name][number] = statistics.median(took)
            rows.append((f"Q{number}", f"{local_times[number]:.2f} s",
                         *(f"{times[name][number]:.2f} s" if number in times[name] else "none" for name in names)))
            print(rows[-1], flush=True)
    right = ("right answers", len(local_times), *(len(times[name]) for name in names))

    def against(name, peer):
        common = [number for number in times[name] if number in peer]
        return statistics.geometric_mean(times[name][number] / peer[number] for number in common) if common else math.nan

    best = names[1]
    return (table((f"TPC-H, {directory.name}", f"DuckDB, {workers} threads", *names), [
        *rows, right,
        ("/ DuckDB, geometric mean", "1.00", *(f"{against(name, local_times):.2f}" for name in names)),
        ("Skein on Ray / it, of what it answers", "", *(f"{1 / against(name, times[best]):.2f}" for name in names)),
        ("Skein in process / it, of what it answers", "", *(f"{1 / against(name, times[names[0]]):.2f}" for name in names))])
        + f"\n\nAsked this time: {', '.join(asked)}." + "".join(f"\n\n{failure}" for failure in failures))
