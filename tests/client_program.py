"""Runs a client written in another language, whose program makes many checks and prints for each one of

    ok NAME
    failed NAME: why

A test module names the program's source, so that each check is a test of its own:

    PROGRAM = ClientProgram(source)
    @pytest.mark.parametrize("check", PROGRAM.checks)
    def test_it(outcomes, check): PROGRAM.verify(outcomes, check)
"""

import os
import pathlib
import re
import subprocess

import pytest

from skein_server import clean_environment, deps

DRIVERS = pathlib.Path(__file__).resolve().parent / "drivers"
SECONDS = 100


def need(*names):
    """What scripts/setup-clients wrote down under these names; skips the tests where it did not run."""
    found = deps()
    missing = [name for name in names if name not in found]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not set: scripts/setup test installs the clients")
    return [found[name] for name in names]


class ClientProgram:
    def __init__(self, source):
        self.source = DRIVERS / source
        self.checks = re.findall(r"\bcheck\(\s*[\"']([^\"']+)[\"']", self.source.read_text())
        assert len(self.checks) == len(set(self.checks)) > 0, "a check's name is there twice, or there is none"

    def execute(self, command, environment=None):
        """Runs it beside the source. The environment is clean but for the settings of toolchains."""
        kept = {name: value for name, value in os.environ.items()
                if name.startswith(("CARGO", "RUSTUP", "GO", "JAVA", "XDG_CACHE"))}
        return subprocess.run([str(word) for word in command], cwd=self.source.parent, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=SECONDS, check=False,
                              env=clean_environment(kept | (environment or {})))

    def run(self, command, environment=None):
        """The outcome of each check, by name: "" when it passed, else why not."""
        done = self.execute(command, environment)
        outcomes = {name: "" for name in re.findall(r"^ok (.+)$", done.stdout, re.MULTILINE)}
        outcomes |= dict(re.findall(r"^failed ([^:\n]+): (.*)$", done.stdout, re.MULTILINE))
        self.said = f"it ended with {done.returncode} and said:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
        return outcomes

    def verify(self, outcomes, check):
        assert check in outcomes, f"the program did not come to this check: {self.said}"
        assert outcomes[check] == "", outcomes[check]
