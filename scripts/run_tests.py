"""Runs ctest, the lint checks and pytest, and adds up what they say (scripts/test builds first).

A runner that fails without naming a failed test, or that runs nothing, counts as one failure.
"""

import pathlib
import subprocess
import sys
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "build" / "test-results"
BUILD = ROOT / "build" / "release"


class Total:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.failures = []

    def fail(self, name):
        self.failed += 1
        self.failures.append(name)

    def add_junit(self, runner, path, returncode):
        failed_before, seen = self.failed, 0
        try:
            cases = list(xml.etree.ElementTree.parse(path).iter("testcase"))
        except (OSError, xml.etree.ElementTree.ParseError):
            cases = []
        names = {}
        for case in cases:
            name = f"{case.get('classname', '')}::{case.get('name', '')}"
            kinds = {child.tag for child in case}
            # pytest writes a test's failure and its fixture's error as two cases: one test.
            if kinds & {"failure", "error"} or case.get("status") == "fail":
                names[name] = "failed"
            elif "skipped" in kinds or case.get("status") in ("notrun", "disabled"):
                names.setdefault(name, "skipped")
            else:
                names.setdefault(name, "passed")
        for name, outcome in names.items():
            seen += 1
            if outcome == "failed":
                self.fail(f"{runner}: {name}")
            else:
                setattr(self, outcome, getattr(self, outcome) + 1)
        if seen == 0:
            self.fail(f"{runner}: ran nothing")
        elif returncode != 0 and self.failed == failed_before:
            self.fail(f"{runner}: ended with status {returncode}")


def run(command):
    print("==", " ".join(str(word) for word in command), flush=True)
    return subprocess.run(command, cwd=ROOT, check=False).returncode


def run_lint(total):
    for check in sorted((ROOT / "tests" / "lint").glob("check_*.py")):
        status = run([sys.executable, check])
        if status == 0:
            total.passed += 1
        elif status == 77:
            total.skipped += 1
        else:
            total.fail(f"lint: {check.name}")


def run_ctest(total):
    report = OUT / "ctest.xml"
    report.unlink(missing_ok=True)
    status = run(["ctest", "--test-dir", BUILD, "--output-on-failure", "--no-tests=error",
                  "--timeout", "300", "--output-junit", report])
    total.add_junit("ctest", report, status)


def run_pytest(total, arguments):
    report = OUT / "pytest.xml"
    report.unlink(missing_ok=True)
    # The whole stays below the 40 minutes that a cold run may take; a hanging test ends alone.
    status = run([sys.executable, "-m", "pytest", f"--junitxml={report}", "-q", "-ra",
                  *(arguments or ["tests"])])
    total.add_junit("pytest", report, status)


def main():
    arguments = sys.argv[1:]
    lint_only = arguments[:1] == ["--lint-only"]
    OUT.mkdir(parents=True, exist_ok=True)
    total = Total()
    run_lint(total)
    if not lint_only:
        run_ctest(total)
        run_pytest(total, arguments)
    for failure in total.failures:
        print("failed:", failure)
    skipped = f", {total.skipped} skipped" if total.skipped else ""
    print(f"{total.passed} passed, {total.failed} failed{skipped}", flush=True)
    return 1 if total.failed or not total.passed else 0


if __name__ == "__main__":
    sys.exit(main())
