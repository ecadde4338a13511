# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was measured, as the documentation shows it: a plot, tables for the site, and one for the README."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter
from measuring import COLLECTION, CURL, URI

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "docsite" / "rst"
PLOT = PAGES / "performance.svg"

#: How the contenders are called and coloured; the colours differ for the colour-blind, too.
SHOWN = {
    COLLECTION: ("this collection", "#0b5cad", "o"),
    URI: ("ansible.builtin.uri", "#c8553d", "s"),
    CURL: ("loop of curl", "#6b7280", "^"),
}
INSTANT = ("instant 5", "instant 10", "instant 20", "instant 50")
TITLES = {
    **{name: f"{name.partition(' ')[2]} instances, jobs that end at once" for name in INSTANT},
    "rerun": "20 instances, a rerun where every job is complete",
    "side by side": "20 instances, jobs of 20 to 60 s, side by side",
    "one at a time": "20 instances, jobs of 2 to 6 s, one at a time for each site",
    "limited": "20 instances, 60 requests in 10 s allowed to all clients together",
    "tightly limited": "10 instances, 20 requests in 10 s allowed to all clients together",
}
BEGIN, END = "begin of what make bench writes", "end of what make bench writes"


def write(results: dict[str, Any]) -> None:
    """Write the plot, and the tables where the documentation has a place for them."""
    _plot(results["scenarios"])
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
        jobs = scenario["instances"] * (scenario["instances"] - 1)
        lines += ["", f"**{title}** ({jobs:,} jobs; {_times(scenario)})", ""]
        lines += [".. list-table::", "   :header-rows: 1", ""]
        head = ("", "wall", "CPU", "memory", "requests", "429s", "late", "to ours")
        for row in (head, *_rows(scenario)):
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


def _rows(scenario: dict[str, Any]) -> Iterable[Sequence[str]]:
    ours = scenario["contenders"][COLLECTION]
    for name, cost in scenario["contenders"].items():
        shown = SHOWN[name][0] + ("" if cost["ok"] else ": **failed**")
        beside = "" if name == COLLECTION else _beside(cost, ours)
        yield (
            shown,
            f"{cost['wall']:.1f} s",
            f"{cost['cpu']:.1f} s",
            f"{cost['peak']:.0f} MB",
            f"{cost['requests']:,.0f}",
            f"{cost['refused']:.0f}",
            f"{cost['late']:.1f} s" if cost["ok"] and not scenario["rerun"] else "",
            beside,
        )


def _beside(cost: dict[str, Any], ours: dict[str, Any]) -> str:
    if not cost["ok"]:
        return ""
    return f"{cost['wall'] / ours['wall']:.1f}x, {cost['cpu'] / ours['cpu']:.1f}x"


def _times(scenario: dict[str, Any]) -> str:
    runs = scenario["contenders"][COLLECTION]["runs"]
    return "one run each" if runs == 1 else f"medians of {runs} runs each, in turn"


def _for_the_readme(results: dict[str, Any]) -> list[str]:
    machine = results["machine"]
    head = "| 20 instances, 380 jobs | this collection | `ansible.builtin.uri` | loop of `curl` |"
    lines = [head, "|---|---|---|---|"]
    for name, what in (
        ("instant 20", "schedule all, wait; the jobs end at once"),
        ("rerun", "again, when all are complete"),
        ("side by side", "jobs of 20 to 60 s"),
        ("limited", "60 requests allowed in 10 s"),
        ("tightly limited", "10 instances, 90 jobs: 20 requests allowed in 10 s"),
    ):
        contenders = results["scenarios"][name]["contenders"]
        lines.append(f"| {what} | " + " | ".join(_brief(contenders.get(each)) for each in SHOWN) + " |")
    lines += [
        "",
        f"Seconds on the clock, and of CPU, start of Ansible included; {machine['cores']} cores, Python "
        f"{machine['python']}, ansible-core {machine['ansible_core']}, requests {machine['requests']}.",
    ]
    return lines


def _brief(cost: dict[str, Any] | None) -> str:
    if cost is None:
        return "-"
    if not cost["ok"]:
        return f"**fails** ({cost['refused']:.0f} x HTTP 429)"
    return f"{cost['wall']:.0f} s, CPU {cost['cpu']:.0f} s"


# -- The plot


def _plot(scenarios: dict[str, Any]) -> None:
    # Text stays text, and the same numbers give the same file.
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "performance", "font.family": "sans-serif"}):
        figure, (wall, cpu) = plt.subplots(1, 2, figsize=(9, 3.8), layout="constrained", sharex=True, sharey=True)
        for axes, measure, title in ((wall, "wall", "wall time"), (cpu, "cpu", "CPU time")):
            for name, (shown, colour, marker) in SHOWN.items():
                points = [
                    (each["instances"] * (each["instances"] - 1), each["contenders"][name][measure])
                    for each in (scenarios[scenario] for scenario in INSTANT if scenario in scenarios)
                ]
                axes.plot(*zip(*points, strict=True), color=colour, marker=marker, label=shown)
            axes.set(xscale="log", yscale="log", title=title, xlabel="jobs (instances)")
            ticks = [scenarios[scenario]["instances"] for scenario in INSTANT if scenario in scenarios]
            axes.set_xticks([count * (count - 1) for count in ticks], [f"{n * (n - 1):,}\n({n})" for n in ticks])
            axes.minorticks_off()
            axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _position: f"{value:,g} s"))
            axes.grid(visible=True, color="#e5e7eb")
            axes.spines[["top", "right"]].set_visible(False)
        cpu.legend(frameon=False)
        figure.suptitle("To schedule all jobs of a federation and see each of them complete", fontsize=11)
        figure.savefig(PLOT, metadata={"Date": None, "Creator": None})
        plt.close(figure)
