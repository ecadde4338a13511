# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reads the options of C(link_reports), each once, into what they stand for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from .._errors import InvalidOption
from .._model.desired import InstanceSpec
from .._model.federation import Problem
from .._model.vendor_reports import Kind, ReportsSettings, Template
from .._naming import REPORTS, Naming
from .._urls import site_url
from .options import connection_of, federation_and_specs, ledger_location, naming_of
from .task import Options

#: The options that have a template.
_TEMPLATES = {"history_url": Kind.HISTORY, "audit_log_url": Kind.AUDIT_LOG}


def reports_settings(options: Options) -> ReportsSettings:
    """What C(link_reports) was asked for. What is wrong with single instances is among its problems.

    :raises InvalidOption: nothing can be downloaded.
    """
    named, of_federation = naming_of(options, REPORTS), naming_of(options)
    if not options["orders"]:
        raise InvalidOption("orders is empty", "name at least one instance")
    if not options["report_dir"]:
        option = of_federation("report_dir")
        raise InvalidOption(f"{option} is not set, so there is no place for the reports", "set it to a folder")
    federation, specs, found = federation_and_specs(options, of_federation)
    connection = connection_of(options)
    without = () if connection.is_rehearsal else _without_credentials(specs)
    return ReportsSettings(
        federation=federation,
        specs=specs,
        problems=(*federation.problems, *found, *without),
        templates=_templates(options, named),
        id_mappings=options["id_mappings"],
        api_url=site_url(of_federation("api_url"), options["api_url"]),
        connection=connection,
        ledger=ledger_location(options),
        report_dir=options["report_dir"],
    )


def _templates(options: Options, named: Naming) -> tuple[Template, ...]:
    """:raises InvalidOption: there is none, and nothing else to download, or one cannot be right."""
    given = {name: str(options[name] or "").strip() for name in _TEMPLATES}
    if not any(given.values()) and not options["id_mappings"]:
        settings = ", ".join(map(named, (*_TEMPLATES, "id_mappings")))
        raise InvalidOption(
            f"there is nothing to download: none of {settings} is set",
            "Atlassian's page 'Check the status and results' has the URLs. Set them, with {site_id} and {job_id} where "
            "they have the id of the site and of the job",
        )
    return tuple(Template(kind, named(name), given[name]) for name, kind in _TEMPLATES.items() if given[name])


def _without_credentials(specs: Sequence[InstanceSpec]) -> Iterator[Problem]:
    """The instances whose account cannot be used."""
    for spec in specs:
        try:
            spec.account.checked()
        except InvalidOption as exc:
            yield Problem(spec.name, exc.failure.what, exc.failure.advice)
