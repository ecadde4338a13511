# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What C(link_reports) has downloaded, for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .._errors import Failure
from .._model.vendor_reports import KEPT_FOR
from .._text import aligned, counted, names
from .numbers import number_of

#: So many missing ones are named.
_MOST_MISSING = 10
_SIZES = ("bytes", "KiB", "MiB", "GiB")


def reports_text(
    sizes: Mapping[str, Sequence[int]], missing: Sequence[Failure], left: Mapping[str, float | None]
) -> list[str]:
    """What there is now, what is missing and why, and for how long it can be downloaded.

    :param sizes: by the name of each instance, the bytes of each of its files.
    """
    files = sum(map(len, sizes.values()))
    lines = [f"{counted(files, 'report')} downloaded, {len(missing)} missing"]
    if files:
        rows = [(name, str(len(own)), size_text(sum(own)), _days(left[name])) for name, own in sizes.items()]
        lines += aligned([("instance", "reports", "size", "days left"), *rows])
    lines += [f"Missing: {each.message}" for each in missing[:_MOST_MISSING]]
    if more := len(missing[_MOST_MISSING:]):
        lines.append(f"Missing: {more} more")
    return [*lines, *days_text(left)]


def days_text(left: Mapping[str, float | None]) -> Iterator[str]:
    """For how long the audit logs have everything."""
    known = {name: days for name, days in left.items() if days is not None}
    if over := [name for name, days in known.items() if days == 0]:
        yield (
            f"{names(over)}: the first job was complete more than {KEPT_FOR.days} days ago. The audit log no longer "
            "has all links"
        )
    if ahead := {name: days for name, days in known.items() if days > 0}:
        first = min(ahead, key=lambda name: ahead[name])
        yield (
            f"Days left of {KEPT_FOR.days}: {int(ahead[first])} ({first}). After that, the audit log no longer has all "
            "links"
        )


def size_text(size: int) -> str:
    """A size, short: C(512 bytes), C(1.2 MiB)."""
    value, unit = float(size), 0
    while value >= 1024 and unit < len(_SIZES) - 1:
        value, unit = value / 1024, unit + 1
    return number_of(size, "byte") if unit == 0 else f"{value:.1f} {_SIZES[unit]}"


def _days(days: float | None) -> str:
    return "-" if days is None else "over" if days == 0 else str(int(days))
