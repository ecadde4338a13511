# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured, as the documentation shows it: a plot, tables for the site, and one for the README."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter
from measuring import AGAIN, COLLECTION, CURL, CURLS, LOOK, URI

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "docsite" / "rst"
PLOT = PAGES / "performance.svg"

#: How the contenders are called.
SHOWN = {
    COLLECTION: "this collection",
    AGAIN: "this collection, again",
    **{name: f"ansible.builtin.uri, {forks} forks" for forks, name in URI.items()},
    LOOK: "ansible.builtin.uri, a look at each job",
    CURL: "loop of curl",
    CURLS: "8 curls at a time",
}
#: How they are drawn; the colours differ for the colour-blind, too.
DRAWN = {
    COLLECTION: ("#0b5cad", "o"),
    **dict(zip(URI.values(), (("#c8553d", "s"), ("#de9180", "s"), ("#efc8bf", "s")), strict=True)),
    CURL: ("#6b7280", "^"),
    CURLS: ("#a3a300", "D"),
}
INSTANT = ("instant 5", "instant 10", "instant 20", "instant 50")
#: 20 instances, and how long the service takes for an answer.
NETWORK = {
    "instant 20": "0",
    "network 50 ms 20": "50 ms",
    "network 200 ms 20": "200 ms",
    "tls 100 ms 20": "100 ms,\nhttps",
}
TITLES = {
    **{name: f"{name.partition(' ')[2]} instances, jobs that end at once" for name in INSTANT},
    "network 50 ms 10": "10 instances, 50 ms for each answer",
    "network 50 ms 20": "20 instances, 50 ms for each answer",
    "network 200 ms 10": "10 instances, 200 ms for each answer",
    "network 200 ms 20": "20 instances, 200 ms for each answer",
    "tls 100 ms 20": "20 instances, 100 ms for each answer, and 200 ms more for each new connection over TLS",
    "rerun": "20 instances, a rerun where every job is complete",
    "side by side": "20 instances, jobs of 20 to 60 s, side by side",
    "one at a time": "20 instances, jobs of 2 to 6 s, one at a time for each site",
    "limited": "20 instances, 60 requests in 10 s allowed to all clients together",
    "tightly limited": "10 instances, 20 requests in 10 s allowed to all clients together",
    "many": "100 instances, 100 ms for each answer",
}
#: The columns of every table, and of some: their heads, and what they show of what was measured.
COLUMNS = {
    "wall": "{wall:.1f} s",
    "CPU": "{cpu:.1f} s",
    "memory": "{peak:.0f} MB",
    "requests": "{requests:,.0f}",
    "at once": "{at_once:.0f}, {at_once_to_links_api:.0f}, {at_once_to_a_site:.0f}",
    "429s": "{refused:.0f}",
    "late": "{late:.1f} s",
}
USED = {"used": "{used:.0%}"}
SAID = {"plan": "{plan:.1f} s", "lines": "{lines:,.0f}", "lines an hour": "{lines_an_hour:,.0f}"}
MORE_COLUMNS = {
    "tls 100 ms 20": {"connections": "{connections:,.0f}"},
    "limited": USED,
    "tightly limited": USED,
    "many": SAID,
}
#: What everybody took, beside this collection.
BESIDE = {"to ours": "{to_ours[wall]:.1f}x, {to_ours[cpu]:.1f}x"}
BEGIN, END = "begin of what make bench writes", "end of what make bench writes"


def write(results: dict[str, Any]) -> None:
    """Write the plot, and the tables where the documentation has a place for them."""
    today = {name: each for name, each in results["scenarios"].items() if not _day(each, results["machine"])}
    _plot(today)
    _fill(PAGES / "performance.rst", ".. {}", _for_the_site(results))
    _fill(ROOT / "README.md", "<!-- {} -->", _for_the_readme(results))


def _fill(path: Path, mark: str, lines: Iterable[str]) -> None:
    """Put lines between two marks of a file, in place of what is there."""
    text = path.read_text()
    begin, end = mark.format(BEGIN), mark.format(END)
    head, _mark, rest = text.partition(begin)
    tail = rest.partition(end)[2]
    if not tail:
        raise ValueError(f"{path} has no place for what was measured")
    path.write_text("\n".join([head + begin, "", *lines, "", end + tail]))


# -- Tables


def _for_the_site(results: dict[str, Any]) -> list[str]:
    machine, lines = results["machine"], []
    lines.append(
        f"Measured on {machine['date']} on {machine['cores']} cores with Python {machine['python']}, ansible-core "
        f"{machine['ansible_core']} and requests {machine['requests']}."
    )
    for name, title in TITLES.items():
        scenario = results["scenarios"].get(name)
        if scenario is None:
            continue
        lines += ["", f"**{title}** ({_jobs(scenario):,} jobs; {_times(scenario)}{_day(scenario, machine)})", ""]
        lines += [".. list-table::", "   :header-rows: 1", ""]
        columns = {**COLUMNS, **MORE_COLUMNS.get(name, {}), **BESIDE}
        for row in (("", *columns), *_rows(scenario, columns)):
            lines += [f"   {'* -' if index == 0 else '  -'} {cell}".rstrip() for index, cell in enumerate(row)]
    worker, imports, most = results["memory"]["worker"], results["imports"], results["memory"]["all_50"]
    lines += [
        "",
        f"**Memory**: a worker that waits for 50 jobs holds {worker['own_waiting']:.0f} MB of its own, one that does "
        f"nothing {worker['own_idle']:.0f} MB. All processes of a run for 50 instances with 50 forks hold {most:.0f} "
        "MB at most, what they share counted once.",
        "",
        f"**Start-up**: to import the plugin of a run takes {imports['link_update_run']:.0f} ms, that of an "
        f"outcome, which sends nothing, {imports['link_update_outcome']:.0f} ms.",
    ]
    return lines


def _rows(scenario: dict[str, Any], columns: dict[str, str]) -> Iterator[Sequence[str]]:
    for name, cost in scenario["contenders"].items():
        untold = _untold(name, cost, shared=scenario["shared"])
        cells = ["" if head in untold else _cell(text, cost) for head, text in columns.items()]
        yield (SHOWN[name] + ("" if cost["ok"] else ": **failed**"), *cells)


def _untold(name: str, cost: dict[str, Any], *, shared: bool) -> set[str]:
    """The columns that would say nothing of a contender."""
    untold = set() if cost["ok"] else {"late", *BESIDE}
    if name in (COLLECTION, AGAIN):
        untold |= {*BESIDE}
    if shared and name != COLLECTION:
        untold |= {"late", "at once"}
    return untold


def _cell(text: str, cost: dict[str, Any]) -> str:
    """Nothing for what earlier releases did not measure."""
    try:
        return text.format_map(cost)
    except KeyError:
        return ""


def _times(scenario: dict[str, Any]) -> str:
    runs = {name: cost["runs"] for name, cost in scenario["contenders"].items()}
    most = max(runs.values())
    if most == 1:
        return "one run each"
    if most == min(runs.values()):
        return f"medians of {most} runs each, in turn"
    often = " and ".join(SHOWN[name] for name, count in runs.items() if count == most)
    return f"medians of {most} runs of {often}, in turn; one run of the others"


def _day(scenario: dict[str, Any], machine: dict[str, Any]) -> str:
    """When it was measured, if that was not with the others: the machine may have been slower or faster."""
    return "" if scenario["date"] == machine["date"] else f"; measured on {scenario['date']}"


def _for_the_readme(results: dict[str, Any]) -> list[str]:
    machine = results["machine"]
    head = "| 20 instances, 380 jobs | this collection | `ansible.builtin.uri` | 8 `curl`s at a time | loop of `curl` |"
    lines = [head, "|---|---|---|---|---|"]
    for name, what in (
        ("instant 20", "schedule all, wait; the jobs end at once"),
        ("network 50 ms 20", "the same, 50 ms for each answer"),
        ("network 200 ms 20", "the same, 200 ms for each answer"),
        ("tls 100 ms 20", "the same by https, 100 ms, and 200 ms more for each new connection"),
        ("rerun", "again, when all are complete"),
        ("side by side", "jobs of 20 to 60 s"),
        ("limited", "60 requests allowed in 10 s"),
        ("tightly limited", "10 instances, 90 jobs: 20 requests allowed in 10 s"),
    ):
        if name in results["scenarios"]:
            contenders = results["scenarios"][name]["contenders"]
            columns = [[AGAIN if name == "rerun" else COLLECTION], [*URI.values(), LOOK], [CURLS], [CURL]]
            cells = [_brief([contenders[each] for each in column if each in contenders]) for column in columns]
            lines.append(f"| {what} | {' | '.join(cells)} |")
    lines += [
        "",
        "Wall time and CPU time, with the start of Ansible. `uri` has 5 forks; with slow answers, the best of 5, 10 "
        f"and 20. {machine['cores']} cores, Python {machine['python']}, ansible-core {machine['ansible_core']}, "
        f"requests {machine['requests']}.",
    ]
    return lines


def _brief(costs: list[dict[str, Any]]) -> str:
    """The fastest of those that went well."""
    if not costs:
        return "-"
    best = min(costs, key=lambda cost: (not cost["ok"], cost["wall"]))
    if not best["ok"]:
        return f"**fails** ({best['refused']:.0f} x HTTP 429)"
    return f"{best['wall']:.0f} s, CPU {best['cpu']:.0f} s"


# -- The plot


def _plot(scenarios: dict[str, Any]) -> None:
    # Text stays text, and the same numbers give the same file.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "performance", "font.family": "sans-serif"}):
        figure, (wall, cpu, network) = plt.subplots(1, 3, figsize=(12, 4.4), layout="constrained", sharey=True)
        _plot_by_jobs(wall, scenarios, "wall", "wall time, answers at once")
        _plot_by_jobs(cpu, scenarios, "cpu", "CPU time, answers at once")
        _plot_by_latency(network, scenarios)
        for axes in (wall, cpu, network):
            axes.minorticks_off()
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:,g} s"))
            axes.grid(visible=True, color="#e5e7eb")
            axes.spines[["top", "right"]].set_visible(False)
        # Each of them once, from whichever of the two has it.
        handles = {
            text: handle
            for axes in (network, wall)
            for handle, text in zip(*axes.get_legend_handles_labels(), strict=True)
        }
        figure.legend(handles.values(), handles.keys(), loc="outside lower center", ncols=3, frameon=False)
        figure.suptitle("To schedule all jobs of a federation and see each of them complete", fontsize=11)
        figure.savefig(PLOT, metadata={"Date": None, "Creator": None})
        plt.close(figure)


def _plot_by_jobs(axes: Axes, scenarios: dict[str, Any], measure: str, title: str) -> None:
    instant = [scenarios[name] for name in INSTANT if name in scenarios]
    axes.set(xscale="log", yscale="log", title=title, xlabel="jobs (instances)")
    for name, (colour, marker) in DRAWN.items():
        points = [(_jobs(each), each["contenders"][name][measure]) for each in instant if name in each["contenders"]]
        if points:
            axes.plot(*zip(*points, strict=True), color=colour, marker=marker, label=SHOWN[name])
    axes.set_xticks([_jobs(each) for each in instant], [f"{_jobs(each):,}\n({each['instances']})" for each in instant])


def _plot_by_latency(axes: Axes, scenarios: dict[str, Any]) -> None:
    measured = [name for name in NETWORK if name in scenarios]
    axes.set(title="wall time, 20 instances", xlabel="time for an answer")
    for name, (colour, marker) in DRAWN.items():
        points = [
            (place, scenarios[each]["contenders"][name]["wall"])
            for place, each in enumerate(measured)
            if name in scenarios[each]["contenders"]
        ]
        if points:
            axes.plot(*zip(*points, strict=True), color=colour, marker=marker, linestyle="none", label=SHOWN[name])
    axes.set_xticks(range(len(measured)), [NETWORK[name] for name in measured])
    axes.margins(x=0.1)


def _jobs(scenario: dict[str, Any]) -> int:
    return int(scenario["instances"] * (scenario["instances"] - 1))
