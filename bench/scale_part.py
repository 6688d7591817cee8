"""The part `scale` of run.py: how long cut queries would take on more workers, simulated from what their stages took here.

The simulation is list scheduling, as the coordinator does it: a stage begins when all it reads is there; one caller
starts its tasks one after the other; a task begins when a worker is free.
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
        for stage in self.stages:
            inputs = [(made[number], whole) for number, whole in stage.reads if number in made]
            tasks = workers if stage.split else 1
            received = sum(one.bytes if whole else one.bytes / tasks for one, whole in inputs)
            mean = stage.seconds / tasks
            longest = mean * (min(stage.uneven, tasks) if tasks > 1 else 1)
            ready = max((done[one.number] for one, _ in inputs), default=0.0)
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
    width, height, left, bottom = 640, 420, 60, 50
    top = max(workers for points in curves.values() for workers, _ in points)

    def at(workers, speedup):
        def share(value):
            return math.log(max(value, 1)) / math.log(top)
        return f"{left + share(workers) * (width - left - 120):.1f},{height - bottom - share(speedup) * (height - bottom - 40):.1f}"

    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12">',
             f'<rect width="{width}" height="{height}" fill="white"/>',
             f'<text x="{left}" y="20" font-size="14">{title}</text>',
             f'<text x="{(width - 120) / 2}" y="{height - 10}">workers</text>']
    ticks = [10 ** power for power in range(int(math.log10(top)) + 1)]
    for tick in ticks:
        x, bottom_y = at(tick, 1).split(",")
        left_x, y = at(1, tick).split(",")
        lines += [f'<text x="{x}" y="{float(bottom_y) + 18}" text-anchor="middle">{tick}</text>',
                  f'<text x="{float(left_x) - 8}" y="{float(y) + 4}" text-anchor="end">{tick}x</text>']
    colours = ("#999999", "#1f77b4", "#2ca02c", "#d62728", "#9467bd")
    for colour, (name, points) in zip(colours, curves.items()):
        x, y = at(*points[-1]).split(",")
        lines += [f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{" ".join(at(*point) for point in points)}"/>',
                  f'<text x="{float(x) + 6}" y="{float(y) + 4}" fill="{colour}">{name}</text>']
    path.write_text("\n".join([*lines, "</svg>", ""]))
