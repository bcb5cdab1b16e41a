"""Counts the tests in JUnit and TAP files, and shows those that failed.

    summary.py [--quiet] FILE...

Prints `N passed, M failed` last. Exit code 1 if any failed. A file
without tests, or that cannot be read, is a failure.
"""

import re
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

SHOWN_LINES = 40
TAP_LINE = re.compile(r"^\s*(not )?ok \d+(?: - (.*?))?(?: # .*)?$")


class Count:
    def __init__(self):
        self.passed = 0
        self.failed = []  # (name, why)

    def add(self, file: Path) -> None:
        before = self.passed, len(self.failed)
        try:
            if file.suffix == ".tap":
                self.add_tap(file)
            else:
                self.add_junit(file)
        except (OSError, xml.ParseError) as why:
            self.failed.append((file.stem, f"no result: {why}"))
        if before == (self.passed, len(self.failed)):
            self.failed.append((file.stem, "no tests in it"))

    def add_junit(self, file: Path) -> None:
        for case in xml.parse(file).iter("testcase"):
            bad = case.find("failure")
            if bad is None:
                bad = case.find("error")
            name = f"{case.get('classname', '')} {case.get('name', '')}"
            if bad is not None:
                why = f"{bad.get('message', '')}\n{bad.text or ''}"
                self.failed.append((name.strip(), why))
            elif case.find("skipped") is None:
                self.passed += 1

    def add_tap(self, file: Path) -> None:
        """Only what has no children counts: a suite is not a test."""
        lines = file.read_text("utf-8", "replace").splitlines()
        deeper = -1
        for line in lines:
            found = TAP_LINE.match(line)
            if not found:
                continue
            depth = len(line) - len(line.lstrip())
            is_suite, deeper = deeper > depth, depth
            if is_suite or "# SKIP" in line:
                continue
            if found[1]:
                self.failed.append((found[2] or "?", str(file)))
            else:
                self.passed += 1


def main(arguments: list[str]) -> int:
    count = Count()
    for name in arguments:
        if name != "--quiet":
            count.add(Path(name))
    for name, why in count.failed:
        print(f"FAILED {name}")
        if "--quiet" not in arguments:
            lines = [line for line in why.splitlines() if line.strip()]
            print("".join(f"    {x}\n" for x in lines[:SHOWN_LINES]), end="")
    print(f"{count.passed} passed, {len(count.failed)} failed")
    return 1 if count.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
