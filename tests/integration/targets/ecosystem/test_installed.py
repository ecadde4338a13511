# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The collection as its users have it: installed from a tarball or a repository, and nothing of the checkout around."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from itertools import permutations
from operator import itemgetter
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml
from federations import COLLECTION, EMAIL, FAST, NAMES, TOKEN, Federation, Run, Service
from packaging.requirements import Requirement
from released import GALAXY, clean_environment, commit, install

pytestmark = pytest.mark.xdist_group("installed")

NAME = "jira_cloud.federation"

# -- Running it


class Elsewhere(Federation):
    """A place to run playbooks from that has the installed collection, and no other."""

    collections: Path

    @property
    def installed(self) -> Path:
        return self.collections / "ansible_collections" / "jira_cloud" / "federation"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **clean_environment(self.home),
            "ANSIBLE_COLLECTIONS_PATH": str(self.collections),
            "ATLASSIAN_EMAIL": EMAIL,
            "ATLASSIAN_API_TOKEN": TOKEN,
        }

    def ask(self, *command: str) -> str:
        done = subprocess.run(
            command, env=self.environment, cwd=self.folder, stdout=subprocess.PIPE, text=True, check=False
        )
        assert done.returncode == 0, command
        return done.stdout


@pytest.fixture
def elsewhere(tmp_path: Path, collections: Path) -> Iterator[Elsewhere]:
    service = Service()
    elsewhere = Elsewhere(tmp_path)
    elsewhere.collections = collections
    elsewhere.set_up(service)
    yield elsewhere
    service.stop()


def assert_was_the_installed_one(run: Run, elsewhere: Elsewhere) -> None:
    """Nothing of the checkout took part in a run, whose verbosity has to be 3."""
    paths = re.findall(r"^task path: (.+):\d+$", run.output, re.MULTILINE)
    assert paths
    assert all(Path(path).is_relative_to(elsewhere.installed) for path in paths)
    assert not any(f"{COLLECTION}/{folder}" in run.output for folder in ("playbooks", "plugins", "roles"))


def test_it_is_installed_under_its_name_and_version_and_is_the_only_one(elsewhere: Elsewhere) -> None:
    listed = json.loads(elsewhere.ask("ansible-galaxy", "collection", "list", "--format", "json"))
    ours = {path: found for path, found in listed.items() if NAME in found}
    assert ours == {str(elsewhere.collections / "ansible_collections"): {NAME: {"version": GALAXY["version"]}}}
    # The programs of the tests can be in a virtual environment below the checkout.
    assert not [name for name, value in elsewhere.environment.items() if str(COLLECTION) in value and name != "PATH"]


def test_the_rehearsal_runs_with_the_inventory_that_comes_with_it(elsewhere: Elsewhere) -> None:
    shutil.copy(elsewhere.installed / "docs" / "examples" / "inventory.yml", elsewhere.inventory)
    quick = {f"rehearsal_{name}": value for name, value in FAST.items()}
    run = elsewhere.run(f"{NAME}.rehearse", "-vvv", extra={**quick, "link_update_poll_min": 0.05})
    assert run.returncode == 0
    for product, destination in permutations(NAMES, 2):
        assert f"{product} -> {destination}  COMPLETE" in run.output
    assert_was_the_installed_one(run, elsewhere)


def test_links_are_updated_a_rerun_schedules_nothing_and_the_ledger_tells_of_it(elsewhere: Elsewhere) -> None:
    run = elsewhere.update("-vvv")
    assert run.returncode == 0
    assert sorted(elsewhere.pairs) == sorted(permutations(NAMES, 2))
    assert_was_the_installed_one(run, elsewhere)
    rerun = elsewhere.update()
    assert rerun.returncode == 0
    assert set(rerun.recap("changed").values()) == {0}
    assert len(elsewhere.service.jobs) == 12
    shown = elsewhere.run(f"{NAME}.ledger", "-vvv")
    assert "12 entries: 12 COMPLETE" in shown.output
    assert_was_the_installed_one(shown, elsewhere)


#: Folders of plugins that have documentation of their own.
DOCUMENTED = {"modules": "module", "filter": "filter", "lookup": "lookup"}
UNDOCUMENTED = {"action", "doc_fragments", "module_utils", "plugin_utils"}


def test_everything_in_it_can_be_looked_up(elsewhere: Elsewhere) -> None:
    folders = {path.name for path in (elsewhere.installed / "plugins").iterdir() if path.is_dir()}
    assert folders == DOCUMENTED.keys() | UNDOCUMENTED
    for folder, kind in DOCUMENTED.items():
        names = {f"{NAME}.{path.stem}" for path in (elsewhere.installed / "plugins" / folder).glob("*.py")}
        documented = json.loads(elsewhere.ask("ansible-doc", "--json", "--type", kind, *sorted(names)))
        assert documented.keys() == names
        assert all(each["doc"]["short_description"] for each in documented.values())
    role = f"{NAME}.link_update"
    documented = json.loads(elsewhere.ask("ansible-doc", "--json", "--type", "role", role))
    assert "link_update_product_url" in documented[role]["entry_points"]["link_update"]["options"]


# -- What is in the tarball

#: What may be at the top, and below it which kinds of files.
AT_THE_TOP = {
    "CHANGELOG.rst",
    "CONTRIBUTING.md",
    "FILES.json",
    "LICENSE",
    "MANIFEST.json",
    "README.md",
    "SECURITY.md",
    "requirements-execution-environment.txt",
    "requirements-postgresql.txt",
    "requirements.txt",
}
IN_FOLDERS = {
    "changelogs": {".yaml", ".yml"},
    "docs": {".json", ".md", ".png", ".rst", ".sql", ".svg", ".yml"},
    "meta": {".txt", ".yml"},
    "playbooks": {".yml"},
    "plugins": {".py"},
    "roles": {".md", ".yml"},
}
#: What is for those who have the checkout, although its place and kind are those of what users need.
FOR_THE_CHECKOUT = {"docs/examples/demo.sh"}


def is_for_users(name: str) -> bool:
    """Whether a file is where users look for it, and of a kind that they have a use for there."""
    path = PurePosixPath(name)
    if any(part.startswith(".") for part in path.parts):
        return False
    return name in AT_THE_TOP or path.suffix in IN_FOLDERS.get(path.parts[0], set())


@pytest.fixture(scope="module")
def released(tarball: Path) -> dict[str, bytes]:
    """The files in the tarball, by their names."""
    with tarfile.open(tarball) as archive:
        files = {member.name: archive.extractfile(member) for member in archive.getmembers()}
        return {name: file.read() for name, file in files.items() if file}


@pytest.fixture(scope="module")
def names(released: dict[str, bytes]) -> set[str]:
    return set(released)


def test_the_tarball_has_nothing_that_users_do_not_need(names: set[str]) -> None:
    assert [name for name in names if not is_for_users(name)] == []
    assert not names & FOR_THE_CHECKOUT


@pytest.mark.parametrize(
    "stray",
    [
        ".env",
        ".ci/run",
        "Makefile",
        "notes.md",
        "docs/link_update_report/report.html",
        "docs/examples/execution-environment/context/Containerfile",
        "docs/.cache/page.rst",
        "jira_cloud-federation-0.1.0.tar.gz",
        "plugins/modules/__pycache__/site_info.cpython-311.pyc",
        "plugins/modules/site_info.py.orig",
        "tests/config.yml",
    ],
)
def test_a_stray_file_would_be_noticed(stray: str) -> None:
    assert not is_for_users(stray)


def test_the_tarball_has_everything_that_users_need(names: set[str]) -> None:
    sources = {
        str(path.relative_to(COLLECTION))
        for folder in IN_FOLDERS
        for path in (COLLECTION / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert names - AT_THE_TOP == sources - FOR_THE_CHECKOUT
    assert names >= AT_THE_TOP
    assert {"meta/runtime.yml", "meta/execution-environment.yml", "docs/examples/inventory.yml"} <= names


def test_a_repository_gives_the_same_files_as_the_tarball(tmp_path: Path, released: dict[str, bytes]) -> None:
    """So whatever is seen of the one is true of the other."""
    installed = install(tmp_path, commit(tmp_path)) / "ansible_collections" / "jira_cloud" / "federation"
    paths = [path for path in installed.rglob("*") if path.is_file()]
    found = in_order({str(path.relative_to(installed)): path.read_bytes() for path in paths})
    assert found.keys() == released.keys()
    assert [name for name, content in in_order(released).items() if found[name] != content] == []


def in_order(files: dict[str, bytes]) -> dict[str, Any]:
    """The files, with the list of them sorted: it is in the order of the disk, and the manifest has its checksum."""
    manifest = json.loads(files["MANIFEST.json"])
    del manifest["file_manifest_file"]
    listed = json.loads(files["FILES.json"])["files"]
    return {**files, "MANIFEST.json": manifest, "FILES.json": sorted(listed, key=itemgetter("name"))}


def test_no_link_of_a_shipped_page_leads_to_what_is_not_shipped(names: set[str]) -> None:
    pages = [name for name in names if name.endswith(".md")]
    assert "README.md" in pages
    for page in pages:
        links = re.findall(r"\]\((?!https?:|#)([^)#]+)", (COLLECTION / page).read_text())
        assert {os.path.normpath(PurePosixPath(page).parent / link) for link in links} <= names, page


# -- What it needs

#: A requirement as it is typed in a shell.
QUOTED = re.compile(r"'([\w\[\]-]+>=[\d.]+)'")


def required_in(*names: str) -> dict[str, Requirement]:
    """The requirements that these files list."""
    lines = [line for name in names for line in (COLLECTION / name).read_text().splitlines()]
    found = [Requirement(line) for line in lines if line and not line.startswith(("#", "-r"))]
    return {requirement.name: requirement for requirement in found}


def test_whatever_names_a_python_library_names_the_same_one_and_the_same_version() -> None:
    required = required_in("requirements.txt", "requirements-postgresql.txt")
    assert set(required_in("requirements.txt")) == {"requests", "urllib3"}
    assert required.keys() == {"requests", "urllib3", "psycopg"}
    assert required_in("meta/requirements-execution-environment.txt") == required
    references = (COLLECTION / "requirements-execution-environment.txt").read_text()
    assert re.findall(r"^-r (.+)$", references, re.MULTILINE) == ["requirements.txt", "requirements-postgresql.txt"]
    assert not required_in("requirements-execution-environment.txt")
    pages = [COLLECTION / "README.md", *(COLLECTION / "docs").rglob("*.md"), *(COLLECTION / "docs").rglob("*.rst")]
    told = {Requirement(text) for page in pages for text in QUOTED.findall(page.read_text())}
    assert {each for each in told if each.name in required} == set(required.values())


def test_whatever_names_an_ansible_version_names_the_same_one() -> None:
    runtime = yaml.safe_load((COLLECTION / "meta" / "runtime.yml").read_text())
    role = yaml.safe_load((COLLECTION / "roles" / "link_update" / "meta" / "main.yml").read_text())
    lowest = role["galaxy_info"]["min_ansible_version"]
    assert runtime["requires_ansible"] == f">={lowest}.0"
    assert f"ansible-core {lowest} and newer" in (COLLECTION / "README.md").read_text()


def test_no_other_collection_and_no_other_role_is_needed() -> None:
    role = yaml.safe_load((COLLECTION / "roles" / "link_update" / "meta" / "main.yml").read_text())
    assert not GALAXY["dependencies"]
    assert not role["dependencies"]
