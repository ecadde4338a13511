# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run costs, beside what people use without this collection.

Each scenario is run by each contender in turn, on a stand-in of its own, and again, as often as C(--pairs) says. What
was measured goes to results.json, and from there to the documentation.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from measuring import COLLECTION, CURL, URI, Cost, Federation, federation, import_time, memory_of_all, memory_of_worker

RESULTS = Path(__file__).with_name("results.json")

#: How often those look that cannot tell by themselves when to look, in seconds.
LOOK_EVERY = 2.0
#: The plugins whose import is timed: one that sends, one that does not.
IMPORTED = ("link_update_run", "link_update_outcome")

Contender = Callable[[Federation], Cost]


def runs(name: str) -> Contender:
    """Schedule all jobs and wait for them."""
    return lambda there: there.run(name, look_every=LOOK_EVERY)


@dataclass(frozen=True)
class Scenario:
    """So many instances, at a service that behaves like this, updated by these."""

    name: str
    instances: int
    contenders: dict[str, Contender]
    script: dict[str, Any] = field(default_factory=dict)
    #: Once is enough: it lasts minutes, or what counts of it is no time.
    once: bool = False
    #: All jobs are scheduled and complete before it begins.
    rerun: bool = False


ALL = {name: runs(name) for name in (COLLECTION, URI, CURL)}
SIDE_BY_SIDE = {"parallel": True, "run_seconds": 20, "run_seconds_up_to": 60}
SCENARIOS = [
    *(Scenario(f"instant {count}", count, ALL) for count in (5, 10, 20)),
    Scenario("instant 50", 50, ALL, once=True),
    Scenario("rerun", 20, {COLLECTION: runs(COLLECTION), URI: Federation.look}, rerun=True),
    Scenario("side by side", 20, ALL, SIDE_BY_SIDE, once=True),
    Scenario(
        "one at a time",
        20,
        {name: runs(name) for name in (COLLECTION, CURL)},
        {"run_seconds": 2, "run_seconds_up_to": 6},
        once=True,
    ),
    Scenario("limited", 20, ALL, {"rate_limit": [60, 10]}, once=True),
    # One that uri is fast enough to meet, on two cores as well.
    Scenario("tightly limited", 10, ALL, {"rate_limit": [20, 10]}, once=True),
]


def measured(scenario: Scenario, pairs: int) -> dict[str, dict[str, Any]]:
    """The medians of each contender."""
    costs: dict[str, list[Cost]] = {name: [] for name in scenario.contenders}
    for _pair in range(1 if scenario.once else pairs):
        for name, contender in scenario.contenders.items():
            with federation(scenario.instances, **scenario.script) as there:
                if scenario.rerun:
                    there.run(COLLECTION, look_every=LOOK_EVERY)
                costs[name].append(contender(there))
            say(f"{scenario.name:15}  {name:10}  {costs[name][-1]}")
    return {name: median_of(each) for name, each in costs.items()}


def median_of(costs: list[Cost]) -> dict[str, Any]:
    """What the runs cost in the middle; they went well if all of them did."""
    values = {
        each.name: statistics.median(getattr(cost, each.name) for cost in costs)
        for each in fields(Cost)
        if each.name != "ok"
    }
    return {**values, "ok": all(cost.ok for cost in costs), "runs": len(costs)}


def machine() -> dict[str, Any]:
    """Where this is run, by cores and versions only."""
    import ansible.release
    import requests

    return {
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "ansible_core": ansible.release.__version__,
        "requests": requests.__version__,
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
    }


def say(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=3, help="how often each contender runs; the median counts")
    names = [*(each.name for each in SCENARIOS), "memory"]
    parser.add_argument("--only", nargs="*", choices=names, help="scenarios, the rest as it was measured last")
    parser.add_argument("--show", action="store_true", help="measure nothing, write the documentation anew")
    arguments = parser.parse_args()
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() and (arguments.only or arguments.show) else {}
    if not arguments.show:
        results["machine"] = machine()
        chosen = [each for each in SCENARIOS if not arguments.only or each.name in arguments.only]
        for scenario in chosen:
            results.setdefault("scenarios", {})[scenario.name] = {
                "instances": scenario.instances,
                "rerun": scenario.rerun,
                "contenders": measured(scenario, arguments.pairs),
            }
        if not arguments.only or "memory" in arguments.only:
            results["memory"] = {"worker": asdict(memory_of_worker(50)), "all_50": memory_of_all(50)}
            results["imports"] = {name: import_time(name) for name in IMPORTED}
            say(f"{results['memory']}  {results['imports']}")
        RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    import presenting  # no plot without its library, but figures

    presenting.write(results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
