"""The part `scale` of run.py: how long cut queries would take on more workers, simulated from what their stages took here.

The simulation is list scheduling, as the coordinator does it: a stage begins when all it reads is there, the one that can
begin first before the others; one caller starts its tasks one after the other; a task begins when a worker is free.
"""

import dataclasses
import heapq
import json
import math
import re

READS = re.compile(r"(its partition|its own part|one task|all) of stage (\d+)")


@dataclasses.dataclass(frozen=True)
class Costs:
    """What the machines between the workers cost."""

    call_seconds: float  # the coordinator starts one task
    network_bytes: float  # bytes a second that reach one worker


@dataclasses.dataclass(frozen=True)
class Stage:
    number: int
    split: bool  # may have as many tasks as there are workers
    seconds: float  # of all its tasks together
    uneven: float  # its longest task, of a mean one
    bytes: float  # of what it gives on
    reads: tuple  # (stage, whole: each task reads all of it)


@dataclasses.dataclass(frozen=True)
class Query:
    stages: tuple
    alone: float  # seconds that no worker shortens: planning and the final plan

    @classmethod
    def of(cls, explained, grown):
        """From EXPLAIN (DISTRIBUTED, ANALYZE, FORMAT JSON); `grown`: as if there were so many times the rows."""
        stages = []
        for one in explained["stages"]:
            if not one.get("ran", True):
                continue
            times = one["task_seconds"]
            mean = times["together"] / one["tasks"]
            split = one["tasks"] > 1
            stages.append(Stage(one["stage"], split, times["together"] * grown, times["most"] / mean if mean and split else 1,
                                one["bytes"] * grown,
                                tuple((int(number), how in ("all", "one task")) for how, number in READS.findall(one["reads"]))))
        return cls(tuple(stages), explained["planning_seconds"] + explained["execution_seconds"] - explained["stages_seconds"])

    def seconds(self, workers, costs):
        """(seconds, what most of them are: the tasks themselves, the longest of them, the network, calls, one task, the end)."""
        made = {stage.number: stage for stage in self.stages}
        done = {}
        free = [0.0] * workers
        caller = 0.0
        spent = dict.fromkeys(("work", "uneven tasks", "network", "starting tasks", "stages of one task", "the session"), 0.0)

        def ready_at(stage):
            """None while something it reads is not scheduled yet."""
            times = [done.get(number) for number, _ in stage.reads if number in made]
            return None if None in times else max(times, default=0.0)

        waiting = list(self.stages)
        while waiting:
            ready, stage = min(((at, one) for one in waiting if (at := ready_at(one)) is not None), key=lambda found: found[0])
            waiting.remove(stage)
            inputs = [(made[number], whole) for number, whole in stage.reads if number in made]
            tasks = workers if stage.split else 1
            received = sum(one.bytes if whole else one.bytes / tasks for one, whole in inputs)
            mean = stage.seconds / tasks
            longest = mean * (min(stage.uneven, tasks) if tasks > 1 else 1)
            caller = max(caller, ready)
            end = ready
            for task in range(tasks):
                caller += costs.call_seconds
                start = max(caller, heapq.heappop(free))
                finish = start + received / costs.network_bytes + (longest if task == 0 else mean)
                heapq.heappush(free, finish)
                end = max(end, finish)
            done[stage.number] = end
            spent["work" if tasks > 1 else "stages of one task"] += mean
            spent["uneven tasks"] += longest - mean
            spent["network"] += received / costs.network_bytes
            spent["starting tasks"] += tasks * costs.call_seconds
        spent["the session"] = self.alone
        return max(done.values(), default=0.0) + self.alone, max(spent, key=spent.get)


def explain(session, sql):
    found = json.loads(session.run(f"EXPLAIN (DISTRIBUTED, ANALYZE, FORMAT JSON) {sql}").column(0)[0].as_py())
    return found if found.get("distributed") else None


def plot(path, curves, title):
    """A picture of speed-ups: {name: [(workers, speed-up)]}, both axes logarithmic."""
    width, height, left, bottom = 720, 440, 60, 50
    top = max(workers for points in curves.values() for workers, _ in points)

    def at(workers, speedup):
        def share(value):
            return math.log(max(value, 1)) / math.log(top)
        return f"{left + share(workers) * (width - left - 150):.1f},{height - bottom - share(speedup) * (height - bottom - 40):.1f}"

    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
             f'<rect width="{width}" height="{height}" fill="white"/>',
             f'<text x="{left}" y="20" font-size="14">{title}</text>',
             f'<text x="{(width - 150) / 2}" y="{height - 10}">workers</text>']
    def line(start, end, colour):
        (x1, y1), (x2, y2) = (point.split(",") for point in (start, end))
        return f'<line x1="{x1}" y1="{y1}" x2="{x2}" y2="{y2}" stroke="{colour}"/>'

    for tick in (1, 8, 64, 1000):
        x, y = at(tick, 1).split(",")
        lines += [line(at(tick, 1), at(tick, top), "#e5e5e5"),
                  f'<text x="{x}" y="{float(y) + 18}" text-anchor="middle">{tick:,}</text>']
    for tick in (1, 10, 100, 1000):
        x, y = at(1, tick).split(",")
        lines += [line(at(1, tick), at(top, tick), "#e5e5e5"),
                  f'<text x="{float(x) - 8}" y="{float(y) + 4}" text-anchor="end">{tick:,}x</text>']
    colours = ("#999999", "#1f77b4", "#2ca02c", "#d62728", "#9467bd")
    below = 0.0  # the last label's place: none is written over another
    named = sorted(zip(colours, curves.items()), key=lambda one: -one[1][1][-1][1])
    for colour, (name, points) in named:
        x, y = at(*points[-1]).split(",")
        below = max(float(y) + 4, below + 15)
        lines += [f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{" ".join(at(*point) for point in points)}"/>',
                  f'<text x="{float(x) + 6}" y="{below}" fill="{colour}">{name}</text>']
    path.write_text("\n".join([*lines, "</svg>", ""]))
