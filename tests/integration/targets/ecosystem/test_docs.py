# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation is true: whoever does what a page says sees what the page shows.

Each page is followed in a fresh folder and a fresh home, with the collection as it is released. What a page is read as:
pages.py; what is done with it: reader.py; what is there to meet: world.py.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from bastions import Bastion
from federations import COLLECTION, EMAIL, TOKEN, Service
from pages import Block, Command, Page
from reader import Reader, WrongPage
from released import programs_and_libraries
from world import World

PAGES = [COLLECTION / "README.md", *sorted((COLLECTION / "docs/docsite/rst").glob("*.rst"))]
#: How many jobs the service has when a page was followed; where nothing is said, none.
JOBS = {
    "README.md": 2,
    "comparison.rst": 26,
    "how_to_bastion.rst": 2,
    "how_to_confluence.rst": 34,
    "how_to_new_wave.rst": 20,
    "how_to_postgresql.rst": 13,
    "how_to_prove.rst": 12,
    "how_to_runbook.rst": 76,
    "how_to_status.rst": 4,
    "ledger.rst": 4,
    "tutorial.rst": 6,
}
#: Which jobs recreated links when a page was followed: from where, to where, and the server that the data came from.
RECREATED = {
    "how_to_confluence.rst": {
        ("https://example-eu.atlassian.net", "https://example-us.atlassian.net", "https://jira.example.com"),
        ("https://example-us.atlassian.net", "https://example-eu.atlassian.net", "https://jira.example.com"),
        ("https://example-us.atlassian.net", "https://example-eu.atlassian.net", "https://legacy.example.com/jira"),
    },
}
#: How many blocks of a page cannot be run. Each says why.
NOT_RUN = {
    "README.md": 4,
    "how_to_awx.rst": 1,
    "how_to_census.rst": 1,
    "how_to_census_file.rst": 1,
    "how_to_postgresql.rst": 1,
    "tutorial.rst": 2,
}
#: In the place of ansible-playbook: it records what it is given, and fails where a job is to fail.
RECORDER = """#!/bin/sh
printf -- '-- %s %s\\n' "$ANSIBLE_COLLECTIONS_PATH" "$ANSIBLE_DISPLAY_OK_HOSTS" >> "$RECORD"
printf '%s\\n' "$@" >> "$RECORD"
case $* in *rehearsal_fail* | *rehearsal_leave_out*) exit 2 ;; esac
"""


#: The site of each project.
SITES = {key: f"example-{key[:2].lower()}.atlassian.net" for key in ("EUR", "USA", "APA", "AUS")}
#: What the instances of the example came from.
DATA_CENTER = {
    "projects": {
        **{key: {"site": site, "issues": 20} for key, site in SITES.items()},
        "OLD": {"site": None, "issues": 2},
    },
    "links": [["10210", "Blocks", "EUR-1", "USA-4"], ["10214", "Relates", "AUS-5", "OLD-1"]],
}
EU_TO_US = f"{SITES['EUR']} -> {SITES['USA']}"
#: What is different for a page. 250 links are 500 remote links.
WORLDS = {
    "how_to_prove.rst": {
        "data_centers": {
            "jira.example.com": {
                "projects": {key: {"site": site, "issues": 50} for key, site in SITES.items()},
                "links": [
                    [str(20000 + number), "Blocks", f"EUR-{number % 50 + 1}", f"USA-{number // 50 + number % 40 + 1}"]
                    for number in range(250)
                ],
            }
        },
        "leave_out": {EU_TO_US: 37},
        "stale": {EU_TO_US: 3},
    },
    # Otherwise a site is known by its first job.
    "how_to_reports.rst": {"sites": {site: {"product_url": f"https://{site}"} for site in SITES.values()}},
}


@pytest.fixture
def service(request: pytest.FixtureRequest) -> Iterator[Service]:
    page = request.node.callspec.params["path"].name if hasattr(request.node, "callspec") else ""
    service = Service(**{"data_centers": {"jira.example.com": DATA_CENTER}, **WORLDS.get(page, {})})
    yield service
    service.stop()


@pytest.fixture
def world(tmp_path: Path, service: Service) -> Iterator[World]:
    with World(tmp_path, service.url) as world:
        yield world


@pytest.fixture
def reader(tmp_path: Path, collections: Path, world: World) -> Reader:
    """Somebody who has read how to install the collection, and nothing else."""
    home = tmp_path / "home"
    shutil.copytree(collections / "ansible_collections", home / ".ansible/collections/ansible_collections")
    folder = tmp_path / "folder"
    folder.mkdir()
    shutil.copy(COLLECTION / "docs/examples/inventory.yml", folder)
    account = {"ATLASSIAN_EMAIL": EMAIL, "ATLASSIAN_API_TOKEN": TOKEN, "JIRA_DC_TOKEN": TOKEN}
    return Reader(folder, {**programs_and_libraries(), **world.environment, **account, "HOME": str(home)})


@pytest.fixture
def database(postgresql_server: str) -> dict[str, str]:
    """What leads libpq to an empty database that the documentation finds at db.example.com."""
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS federation WITH (FORCE)")
        connection.execute("DROP ROLE IF EXISTS federation")
        connection.execute("CREATE ROLE federation LOGIN")
        connection.execute("CREATE DATABASE federation OWNER federation")
        return {"PGHOSTADDR": connection.info.hostaddr, "PGPORT": str(connection.info.port)}


@pytest.fixture
def ssh(tmp_path: Path, world: World) -> Iterator[dict[str, str]]:
    """What leads Ansible to bastion.example.com, from where alone the world can be reached, and to a Python there."""
    bastion = Bastion(tmp_path / "bastion", world.environment)
    nowhere = {name: "http://127.0.0.1:9" for name in world.environment if name.lower().endswith("_proxy")}
    yield {**bastion.environment, **nowhere, "ANSIBLE_PYTHON_INTERPRETER": sys.executable}
    bastion.close()


#: Hosts that are more than a name, and the fixtures that lead there.
HOSTS = {"db.example.com": "database", "bastion.example.com": "ssh"}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_who_does_what_a_page_says_sees_what_it_shows(
    path: Path, reader: Reader, service: Service, request: pytest.FixtureRequest
) -> None:
    page = Page.read(path)
    for host, fixture in HOSTS.items():
        if host in page.text:
            reader.environment.update(request.getfixturevalue(fixture))
    reader.follow(page)
    bodies = [job["body"] for job in service.jobs]
    assert len(bodies) == JOBS.get(page.name, 0)
    if page.name in RECREATED:
        recreated = [body for body in bodies if body.get("recreateAsRemote")]
        fields = ("productURL", "destinationURL", "migratedFrom")
        assert {tuple(body[name] for name in fields) for body in recreated} == RECREATED[page.name]
        assert len(recreated) == len(RECREATED[page.name])
    assert TOKEN not in "".join(reader.seen)


def test_every_https_host_is_there_for_who_trusts_the_authority(world: World) -> None:
    ask = ["curl", "--silent", "https://example-eu.atlassian.net/_edge/tenant_info"]
    environment = programs_and_libraries() | world.environment
    assert "cloudId" in subprocess.run(ask, env=environment, stdout=subprocess.PIPE, text=True, check=True).stdout
    del environment["CURL_CA_BUNDLE"], environment["SSL_CERT_FILE"]
    # What curl ends with when a certificate is not to be trusted.
    assert subprocess.run(ask, env=environment, check=False).returncode == 60


def test_what_cannot_be_run_is_little_and_says_why() -> None:
    reasons = {page.name: page.not_run for page in map(Page.read, PAGES) if page.not_run}
    assert {name: len(each) for name, each in reasons.items()} == NOT_RUN, reasons


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_every_command_of_a_page_can_be_typed_in_zsh_as_well(path: Path) -> None:
    consoles = [block for block in Page.read(path).blocks if block.language == "console"]
    trips = {command.typed: command.trips_zsh for block in consoles for command in block.commands}
    assert {typed: trip for typed, trip in trips.items() if trip} == {}


def test_the_demo_prints_the_commands_that_it_runs(tmp_path: Path) -> None:
    examples, ansible = tmp_path / "docs/examples", tmp_path / "bin/ansible-playbook"
    for folder in (examples, ansible.parent):
        folder.mkdir(parents=True)
    shutil.copy(COLLECTION / "docs/examples/demo.sh", examples)
    ansible.write_text(RECORDER)
    ansible.chmod(0o700)
    record = tmp_path / "record"
    environment = {"PATH": f"{ansible.parent}:{os.environ['PATH']}", "RECORD": str(record)}

    def recorded_by(*bash: str) -> tuple[str, str]:
        record.unlink(missing_ok=True)
        done = subprocess.run(
            ["bash", *bash], cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True, check=True
        )
        return done.stdout, record.read_text()

    printed, ran = recorded_by("docs/examples/demo.sh")
    commands = Block(1, "console", printed[printed.index("$ ") :]).commands
    assert ran.count("-- ") == 3
    assert all(each in ran for each in ("rehearsal_fail", "link_update_prove", "link_repair"))
    assert recorded_by("-c", "\n".join(each.typed for each in commands) + "\ntrue")[1] == ran
    assert not any(each.trips_zsh for each in commands)


# -- Whether a page that is wrong would be noticed


@pytest.mark.parametrize(
    ("typed", "trip"),
    [
        ("pip install requests>=2.28", ">="),
        ("pip install psycopg[binary]", "["),
        ("ansible-playbook $LINKS site.yml", "$L"),
        ("echo ${HOME}", "${"),
        ("cd $(mktemp -d)", "$("),
        ("ls *.yml", "*"),
        ("ls ?.yml", "?"),
        ("play -e {a: b}", "{"),
        ("play =name", "="),
        ("make demo   # rehearse", "#"),
        ("play --limit !ap", "!"),
        ('play --limit "all:!ap"', "!"),
        ("echo 'one' \\\n    two*", "*"),
    ],
)
def test_a_command_that_zsh_takes_otherwise_is_noticed(typed: str, trip: str) -> None:
    assert Command(typed, "").trips_zsh == trip


@pytest.mark.parametrize(
    "typed",
    [
        "pip install 'psycopg[binary]>=3.1'",
        'export LEDGER="$PWD/a.sqlite3" OTHER=b',
        "play -i inventory.yml -e @run.yml --limit '!ap' \\\n    -e '{\"only\": [\"eu -> us\"]}' < /dev/null",
        "test ! -e failed.txt && cd ~/folder",
        r"ls a\*b",
    ],
)
def test_a_command_that_is_quoted_as_it_should_be_is_none(typed: str) -> None:
    assert not Command(typed, "").trips_zsh


def follow(folder: Path, text: str, name: str = "page.rst") -> Reader:
    """A reader who has followed a page of this text, in a folder made for it."""
    folder = folder / "folder"
    folder.mkdir()
    reader = Reader(folder, programs_and_libraries())
    reader.follow(Page(name, text))
    return reader


def test_files_the_environment_and_the_folder_last_from_block_to_block(tmp_path: Path) -> None:
    follow(
        tmp_path,
        """
A page
======

.. code-block:: yaml
   :caption: greeting.yml

   greeting: hello, ann

.. code-block:: console

   $ mkdir there && cd there && export NAME=ann
   $ cat ../greeting.yml \\
       ../greeting.yml
   greeting: [...]o, ann
   greeting: hello,
     ann
   $ date +%T
   09:41:05

1. In a list,

   .. exits: 3
   .. code-block:: console

      $ echo in $(basename $PWD); echo $NAME; echo and much more; echo in the end; exit 3
      in there
      ann
      ...
      in the end
""",
    )


def test_a_page_of_markdown_is_followed_as_well(tmp_path: Path) -> None:
    page = """
<!-- file: greeting.yml -->
```yaml
greeting: hello
```

<!-- exits: 3 -->
```console
$ cat greeting.yml; exit 3
greeting: hello
```
"""
    follow(tmp_path, page, "page.md")


def test_what_cannot_be_run_is_not_run_and_says_why(tmp_path: Path) -> None:
    page = """
.. not-run: it ends
   the world

.. code-block:: console

   $ touch the-end
"""
    reader = follow(tmp_path, page)
    assert not (reader.folder / "the-end").exists()
    assert Page("page.rst", page).not_run == ["it ends the world"]


@pytest.mark.parametrize(
    ("language", "text", "why"),
    [
        ("console", "$ echo hello; false", "exits with 1, not with 0"),
        ("console", "$ false\n   $ true", "exits with 1, not with 0"),
        ("console", "$ echo hello\n   good-bye", "was to show"),
        ("console", "$ echo 12 entries\n   2 entries", "was to show"),
        ("console", "$ echo 9:41\n   09:41:05", "was to show"),
        ("console", "$ echo one; echo two\n   two\n   one", "was to show"),
        ("console", "$ echo one; echo two; echo three\n   one\n   three", "was to show"),
        ("console", "hello", "what is this the output of"),
        ("yaml", "greeting: [hello", "line 2"),
        ("json", '{"greeting": }', "line 2"),
    ],
)
def test_a_page_that_is_wrong_is_noticed(tmp_path: Path, language: str, text: str, why: str) -> None:
    with pytest.raises(WrongPage, match=why):
        follow(tmp_path, f"\n.. code-block:: {language}\n\n   {text}\n")


def test_a_command_that_succeeds_where_it_is_to_fail_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(WrongPage, match="exits with 0, not with 2"):
        follow(tmp_path, "\n.. exits: 2\n\n.. code-block:: console\n\n   $ true\n")
