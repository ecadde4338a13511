# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run costs, beside what people use without this collection.

Each scenario is run by each contender in turn, on a stand-in of its own, and again, as often as --pairs says. What
was measured goes to results.json, and from there to the documentation.

All of it takes two and a half hours on two cores, most of it for uri, which takes 4 minutes for 20 instances and 27 for
50. What --only does not name stays as results.json has it.
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
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from measuring import (
    AGAIN,
    COLLECTION,
    CURL,
    CURLS,
    LOOK,
    URI,
    Cost,
    Federation,
    federation,
    import_time,
    memory_of_all,
    memory_of_worker,
)

RESULTS = Path(__file__).with_name("results.json")

#: How often those look that cannot tell by themselves when to look, in seconds.
LOOK_EVERY = 2.0
#: The plugins whose import is timed: one that sends, one that does not.
IMPORTED = ("link_update_run", "link_update_outcome")

Contender = Callable[[Federation], Cost]


@dataclass(frozen=True)
class Scenario:
    """So many instances, at a service that behaves like this, updated by these."""

    name: str
    instances: int
    contenders: dict[str, Contender]
    script: dict[str, Any] = field(default_factory=dict)
    tls: bool = False
    #: For whom once is enough: it lasts minutes, or what counts of it is no time.
    once: tuple[str, ...] = ()
    #: One federation for all contenders: each finds what those before it have left.
    shared: bool = False


def runs(*names: str) -> dict[str, Contender]:
    """Contenders that schedule all jobs and wait for them."""

    def contender(name: str) -> Contender:
        return lambda there: there.run(name, look_every=LOOK_EVERY)

    return {name: contender(name) for name in names}


AND_AGAIN = {**runs(COLLECTION), AGAIN: runs(COLLECTION)[COLLECTION]}
LOCAL = runs(COLLECTION, URI[5], CURL, CURLS)
NETWORK = runs(COLLECTION, *URI.values(), CURL, CURLS)
#: Those that last minutes where answers take long.
SLOW = (*URI.values(), CURL)
EVERYBODY = (*NETWORK, AGAIN)
SIDE_BY_SIDE = {"parallel": True, "run_seconds": 20, "run_seconds_up_to": 60}
ONE_AT_A_TIME = {"run_seconds": 2, "run_seconds_up_to": 6}
SCENARIOS = [
    *(Scenario(f"instant {count}", count, LOCAL) for count in (5, 10, 20)),
    Scenario("instant 50", 50, LOCAL, once=EVERYBODY),
    *(
        Scenario(f"network {1000 * seconds:g} ms {count}", count, NETWORK, {"latency_seconds": seconds}, once=SLOW)
        for seconds in (0.05, 0.2)
        for count in (10, 20)
    ),
    Scenario("tls 100 ms 20", 20, NETWORK, {"latency_seconds": 0.1}, tls=True, once=SLOW),
    Scenario("rerun", 20, {**AND_AGAIN, LOOK: Federation.look}, shared=True),
    Scenario("side by side", 20, LOCAL, SIDE_BY_SIDE, once=EVERYBODY),
    Scenario("one at a time", 20, runs(COLLECTION, CURL, CURLS), ONE_AT_A_TIME, once=EVERYBODY),
    Scenario("limited", 20, LOCAL, {"rate_limit": [60, 10]}, once=EVERYBODY),
    # One that uri is fast enough to meet, on two cores as well.
    Scenario("tightly limited", 10, LOCAL, {"rate_limit": [20, 10]}, once=EVERYBODY),
    Scenario("many", 100, AND_AGAIN, {"latency_seconds": 0.1}, once=EVERYBODY, shared=True),
]


def measured(scenario: Scenario, pairs: int) -> dict[str, dict[str, Any]]:
    """The medians of each contender."""
    rounds: list[dict[str, Cost]] = []
    for number in range(pairs):
        names = [name for name in scenario.contenders if number == 0 or name not in scenario.once]
        if names:
            rounds.append(one_round(scenario, names))
    found = {name: [each for each in rounds if name in each] for name in scenario.contenders}
    # A rerun is compared with a rerun.
    peer = AGAIN if AGAIN in scenario.contenders else COLLECTION
    return {
        name: {
            **median_of([each[name] for each in its]),
            "to_ours": {what: ratio(what, [(each[name], each[peer]) for each in its]) for what in ("wall", "cpu")},
        }
        for name, its in found.items()
    }


def ratio(what: str, beside: list[tuple[Cost, Cost]]) -> float:
    """What a contender took, in what another one took in the same round; the middle of all rounds."""
    return float(statistics.median(getattr(cost, what) / getattr(other, what) for cost, other in beside))


def one_round(scenario: Scenario, names: list[str]) -> dict[str, Cost]:
    """What each contender cost, one after the other."""
    costs: dict[str, Cost] = {}
    with ExitStack() as shared:
        there = shared.enter_context(federation_for(scenario)) if scenario.shared else None
        for name in names:
            with nullcontext(there) if there else federation_for(scenario) as its:
                costs[name] = scenario.contenders[name](its)
            say(f"{scenario.name:20}  {name:20}  {costs[name]}")
    return costs


def federation_for(scenario: Scenario) -> AbstractContextManager[Federation]:
    return federation(scenario.instances, tls=scenario.tls, **scenario.script)


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
        for scenario in SCENARIOS:
            if not arguments.only or scenario.name in arguments.only:
                contenders = measured(scenario, arguments.pairs)
                found = {
                    "date": machine()["date"],
                    "instances": scenario.instances,
                    "shared": scenario.shared,
                    "contenders": contenders,
                }
                results.setdefault("scenarios", {})[scenario.name] = found
                RESULTS.write_text(json.dumps(results, indent=2) + "\n")
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
