"""The main job over HTTP alone, from the upload to the record found: `python -m bench.journey --base-url URL`."""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Callable

import httpx

from bench import backfill_steps, ticket_steps
from bench.client import Unexpected
from bench.story import Story

Step = tuple[str, Callable[[Story], None]]

STEPS: tuple[Step, ...] = (*ticket_steps.OPENING, *backfill_steps.STEPS, *ticket_steps.ENDING)


def play(story: Story, say: Callable[[str], None] = print) -> bool:
    """Every step in order, one line each; stops at the first that fails."""
    for position, (title, step) in enumerate(STEPS, start=1):
        start = time.perf_counter()
        wrong = ""
        try:
            step(story)
        except (Unexpected, httpx.HTTPError, KeyError, ValueError) as error:
            wrong = f"{type(error).__name__}: {error}"
        spent = (time.perf_counter() - start) * 1000
        say(f"{'✗' if wrong else '✓'} {position:2d}/{len(STEPS)} {title:<72} {spent:8.0f} ms")
        if wrong:
            say(f"  {wrong}")
            return False
    return True


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--base-url", default="http://127.0.0.1:8000")
    parser.add_argument("--seed", type=int, default=random.randrange(10**9), help="the same invoice for the same seed")
    given = parser.parse_args()
    password = os.environ.get("HELPDESK_DEMO_PASSWORD", "")
    if not password:
        print("HELPDESK_DEMO_PASSWORD is needed: the password that the start of the service printed.")
        return 2
    print(f"{given.base_url}, seed {given.seed}")
    return 0 if play(Story.begin(given.base_url, password, given.seed)) else 1


if __name__ == "__main__":
    sys.exit(main())
