"""Prints what differs between two running servers, for whoever works on it:

    python report.py "<conninfo of PostgreSQL>" "<conninfo of Skein>" [file.sql ...] [--mode simple]
"""

import argparse
import pathlib

from comparison import MODES, Client, differences, read_statements

HERE = pathlib.Path(__file__).parent


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("postgres")
    parser.add_argument("skein")
    parser.add_argument("files", nargs="*")
    parser.add_argument("--mode", choices=MODES, default="simple")
    arguments = parser.parse_args()
    files = [pathlib.Path(name) for name in arguments.files] or sorted((HERE / "statements").glob("*.sql"))
    total = differing = 0
    for path in files:
        reference, subject = Client(arguments.postgres), Client(arguments.skein)
        for statement in read_statements(path):
            if statement.parameters is not None and arguments.mode == "simple":
                continue
            total += 1
            expected, actual = reference.run(statement, arguments.mode), subject.run(statement, arguments.mode)
            found = differences(expected, actual, arguments.mode)
            if found:
                differing += 1
                print(f"{path.stem}: {','.join(sorted(found))}: {statement.text}\n  P {expected}\n  S {actual}")
        reference.close()
        subject.close()
    print(f"{differing} of {total} statements differ")


main()
