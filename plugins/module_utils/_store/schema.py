# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tables of censuses, checks and repairs, in the SQL that all stores speak.

No text of an issue is in them. An issue is a number: that of its project in the generation, and its own number in the
project. So an expectation takes some 60 bytes.
"""

from __future__ import annotations

from .._ledger.schema import Schema

_VERSION_1 = (
    # Who counts a generation, and until when others need not ask whether that process still runs.
    """
    CREATE TABLE link_census_generations (
        generation INTEGER NOT NULL PRIMARY KEY,
        digest TEXT NOT NULL,
        sources TEXT NOT NULL,
        seed TEXT NOT NULL,
        begun_at TEXT NOT NULL,
        ended_at TEXT,
        complete BOOLEAN NOT NULL DEFAULT FALSE,
        holder TEXT NOT NULL,
        lease_until TEXT NOT NULL
    )
    """,
    # How far each project is read. Its step tells how often the row was written.
    """
    CREATE TABLE link_census_projects (
        generation INTEGER NOT NULL,
        number INTEGER NOT NULL,
        source TEXT NOT NULL,
        key TEXT NOT NULL,
        product_url TEXT NOT NULL,
        step INTEGER NOT NULL DEFAULT 0,
        last_read TEXT NOT NULL DEFAULT '',
        issues INTEGER NOT NULL DEFAULT 0,
        total INTEGER,
        is_read BOOLEAN NOT NULL DEFAULT FALSE,
        problem TEXT,
        remedy TEXT,
        epic_links INTEGER NOT NULL DEFAULT 0,
        epic_links_between INTEGER NOT NULL DEFAULT 0,
        sub_tasks INTEGER NOT NULL DEFAULT 0,
        sub_tasks_between INTEGER NOT NULL DEFAULT 0,
        PRIMARY KEY (generation, number)
    )
    """,
    # The order of the key serves for three things: a project is written from its first issue to its last, the rows of
    # two projects are side by side, and the other end of a link is found at once. An index of the ranks would add 40 %
    # to the size, and to sort the rows of a pair takes less than a tenth of a second.
    """
    CREATE TABLE link_census_expectations (
        generation INTEGER NOT NULL,
        project INTEGER NOT NULL,
        target_project INTEGER NOT NULL,
        issue BIGINT NOT NULL,
        target BIGINT NOT NULL,
        rank BIGINT NOT NULL,
        links TEXT NOT NULL,
        phrases TEXT NOT NULL,
        PRIMARY KEY (generation, project, target_project, issue, target)
    )
    """,
    # What links are called, in the direction in which an issue has them.
    """
    CREATE TABLE link_census_phrases (
        generation INTEGER NOT NULL,
        number INTEGER NOT NULL,
        type TEXT NOT NULL,
        phrase TEXT NOT NULL,
        PRIMARY KEY (generation, number)
    )
    """,
    # Links to projects of no instance.
    """
    CREATE TABLE link_census_outside (
        generation INTEGER NOT NULL,
        project INTEGER NOT NULL,
        other TEXT NOT NULL,
        links INTEGER NOT NULL,
        PRIMARY KEY (generation, project, other)
    )
    """,
    # Issues with more links than a cloud site takes.
    """
    CREATE TABLE link_census_crowded (
        generation INTEGER NOT NULL,
        project INTEGER NOT NULL,
        issue BIGINT NOT NULL,
        links INTEGER NOT NULL,
        PRIMARY KEY (generation, project, issue)
    )
    """,
)

_VERSION_2 = (
    # Who makes a check, and what came of it.
    """
    CREATE TABLE link_checks (
        check_number INTEGER NOT NULL PRIMARY KEY,
        digest TEXT NOT NULL,
        settings TEXT NOT NULL,
        begun_at TEXT NOT NULL,
        ended_at TEXT,
        complete BOOLEAN NOT NULL DEFAULT FALSE,
        result TEXT,
        holder TEXT NOT NULL,
        lease_until TEXT NOT NULL
    )
    """,
    # What a check asks.
    """
    CREATE TABLE link_check_strata (
        check_number INTEGER NOT NULL,
        stratum INTEGER NOT NULL,
        server TEXT NOT NULL,
        generation INTEGER NOT NULL,
        product_url TEXT NOT NULL,
        destination_url TEXT NOT NULL,
        expected INTEGER NOT NULL,
        last_rank BIGINT NOT NULL,
        PRIMARY KEY (check_number, stratum)
    )
    """,
    # The key begins with the issue: a site is asked for one after the other. What is plainly found has no texts.
    """
    CREATE TABLE link_check_verdicts (
        check_number INTEGER NOT NULL,
        generation INTEGER NOT NULL,
        project INTEGER NOT NULL,
        issue BIGINT NOT NULL,
        target_project INTEGER NOT NULL,
        target BIGINT NOT NULL,
        verdict INTEGER NOT NULL,
        is_sampled BOOLEAN NOT NULL,
        relationship TEXT NOT NULL,
        url TEXT NOT NULL,
        note TEXT NOT NULL,
        PRIMARY KEY (check_number, generation, project, issue, target_project, target)
    )
    """,
    # What the links of an ordered pair look like that a check has found.
    """
    CREATE TABLE link_check_forms (
        check_number INTEGER NOT NULL,
        product_url TEXT NOT NULL,
        destination_url TEXT NOT NULL,
        app_id TEXT NOT NULL,
        application_type TEXT NOT NULL,
        application_name TEXT NOT NULL,
        PRIMARY KEY (check_number, product_url, destination_url)
    )
    """,
    # Who repairs. It is one row, as one process at a time does so.
    """
    CREATE TABLE link_repair_runs (
        run_number INTEGER NOT NULL PRIMARY KEY,
        digest TEXT NOT NULL,
        begun_at TEXT NOT NULL,
        ended_at TEXT,
        complete BOOLEAN NOT NULL DEFAULT FALSE,
        holder TEXT NOT NULL,
        lease_until TEXT NOT NULL
    )
    """,
    # The journal. It outlives censuses, so its issues have their keys.
    """
    CREATE TABLE link_repairs (
        repair_number INTEGER NOT NULL PRIMARY KEY,
        server TEXT NOT NULL,
        product_url TEXT NOT NULL,
        destination_url TEXT NOT NULL,
        issue TEXT NOT NULL,
        target TEXT NOT NULL,
        global_id TEXT NOT NULL,
        relationship TEXT NOT NULL,
        url TEXT NOT NULL,
        state TEXT NOT NULL,
        link_id BIGINT,
        intended_at TEXT NOT NULL,
        created_at TEXT,
        undone_at TEXT
    )
    """,
    # A link is created once, and again only when it was undone.
    """
    CREATE UNIQUE INDEX link_repairs_once ON link_repairs (product_url, issue, target)
    WHERE state IN ('intended', 'created')
    """,
    "CREATE INDEX link_repairs_by_link ON link_repairs (product_url, issue, target)",
)

#: All tables that have rows of a generation. That of the generations comes first: who changes its row keeps others from
#: changing the rest. The journal of repairs stays.
TABLES = (
    "link_census_generations",
    "link_census_projects",
    "link_census_expectations",
    "link_census_phrases",
    "link_census_outside",
    "link_census_crowded",
    "link_check_verdicts",
)

#: The version that has the tables of checks and repairs.
CHECKS_SINCE = 2

CENSUS = Schema(
    noun="census",
    migrations=(_VERSION_1, _VERSION_2),
    version_table="link_census_store",
    application_id=0x6A6C6373,
    when_lost="run the same command again: it counts the links from the beginning",
    when_damaged="delete the census and count the links again. No job depends on it",
    is_large=True,
)
