"""Runs every test on SQLite, and again on PostgreSQL where one answers; the last lines say which ran.

On PostgreSQL without those marked `once`: the database has no say in them, as in how a browser lays out the same HTML.
PostgreSQL is looked for at TEST_DATABASE_URL, which then has to answer, else at the usual places of this machine.
"""

import os
import subprocess
import sys

import psycopg

WITHOUT = "not once"
USUAL_PLACES = ["postgres://postgres@127.0.0.1:5432/postgres", "postgres:///postgres"]


def main() -> int:
    asked = os.environ.get("TEST_DATABASE_URL")
    places = [asked] if asked else USUAL_PLACES
    postgres = next(filter(answers, places), None)
    outcomes = {"SQLite": run(database=None)}
    if postgres:
        outcomes[f"PostgreSQL ({WITHOUT})"] = run("-m", WITHOUT, database=postgres)
    for name, passed in outcomes.items():
        print(f"{name}: {'passed' if passed else 'FAILED'}")
    if not postgres:
        print(f"PostgreSQL: not run, none answers{' at TEST_DATABASE_URL' if asked else ''}")
    return 0 if all(outcomes.values()) and (postgres or not asked) else 1


def answers(url: str) -> bool:
    try:
        psycopg.connect(url, connect_timeout=3).close()
    except psycopg.OperationalError:
        return False
    return True


def run(*options: str, database: str | None) -> bool:
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    if database:
        environment["DATABASE_URL"] = database
    print(f"\nOn {'PostgreSQL' if database else 'SQLite'}:", flush=True)
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-n", "auto", "--dist", "loadscope", *options, *sys.argv[1:]], env=environment
    )
    return tests.returncode == 0


if __name__ == "__main__":
    sys.exit(main())
