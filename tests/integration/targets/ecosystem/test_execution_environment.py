# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Execution environments, as far as ansible-builder gets without a container engine: up to the context of an image."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from federations import COLLECTION
from packaging.requirements import Requirement
from packaging.version import Version
from released import GALAXY
from test_installed import required_in

pytestmark = pytest.mark.xdist_group("installed")

OWN = COLLECTION / "meta" / "execution-environment.yml"
SAMPLE = COLLECTION / "docs" / "examples" / "execution-environment" / "execution-environment.yml"
#: What introspection adds to a requirement.
ORIGIN = "  # from collection jira_cloud.federation"


def call(*command: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    print(done.stdout)
    assert done.returncode == 0, command
    return done.stdout


def create(definition: Path, folder: Path) -> Path:
    """The context that ansible-builder makes of a definition: what an image would be built from."""
    context = folder / "context"
    how = ("--context", context, "--output-filename", "Containerfile")
    call("-m", "ansible_builder", "create", "--file", definition, *how)
    return context


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The context that is made of the sample."""
    return create(SAMPLE, tmp_path_factory.mktemp("sample"))


def sample() -> dict[str, Any]:
    return dict(yaml.safe_load(SAMPLE.read_text()))


def lines_of(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


def requirements_in(path: Path) -> list[Requirement]:
    return [Requirement(line.partition("  #")[0]) for line in lines_of(path)]


def test_what_the_collection_needs_is_found_where_it_is_installed(collections: Path) -> None:
    found = yaml.safe_load(call("-m", "ansible_builder", "introspect", collections))
    required = required_in("requirements.txt", "requirements-postgresql.txt").values()
    assert found["python"] == [f"{requirement}{ORIGIN}" for requirement in required]
    assert found["system"] == []


def test_the_collections_own_definition_makes_a_context_with_the_same_needs(tmp_path: Path) -> None:
    context = create(OWN, tmp_path)
    required = required_in("requirements.txt", "requirements-postgresql.txt").values()
    assert requirements_in(context / "_build" / "requirements.txt") == list(required)


def test_the_sample_makes_a_context(context: Path) -> None:
    containerfile = (context / "Containerfile").read_text()
    assert f'ARG EE_BASE_IMAGE="{sample()["images"]["base_image"]["name"]}"' in containerfile
    for needed in ("requirements.yml", "requirements.txt", "bindep.txt", "scripts/assemble"):
        assert (context / "_build" / needed).is_file()


def test_everything_in_the_sample_is_pinned() -> None:
    dependencies = sample()["dependencies"]
    # A tag of two numbers names a release, and is moved to each new build of it; a third one names the build.
    assert re.fullmatch(r"[\w./-]+:\d+\.\d+-\d+", sample()["images"]["base_image"]["name"])
    assert re.fullmatch(r"python3\.\d+", dependencies["python_interpreter"]["package_system"])
    packages = [dependencies[name]["package_pip"] for name in ("ansible_core", "ansible_runner")]
    for requirement in map(Requirement, [*packages, *dependencies["python"]]):
        assert [each.operator for each in requirement.specifier] == ["=="], requirement
        assert "*" not in str(requirement.specifier)


def test_the_sample_has_this_version_of_the_collection() -> None:
    galaxy = yaml.safe_load((SAMPLE.parent / sample()["dependencies"]["galaxy"]).read_text())
    assert galaxy == {"collections": [{"name": "jira_cloud.federation", "version": GALAXY["version"]}]}
    assert f"--tag jira-cloud-federation:{GALAXY['version']}" in SAMPLE.read_text()


def test_the_sample_has_a_python_and_an_ansible_that_the_collection_works_with() -> None:
    dependencies = sample()["dependencies"]
    python = dependencies["python_interpreter"]
    assert Path(python["python_path"]).name == python["package_system"]
    assert Version(python["package_system"].removeprefix("python")) >= Version("3.11")
    # The tests are run with it, too.
    assert dependencies["ansible_core"]["package_pip"] in (COLLECTION / "tests" / "requirements.txt").read_text()


def test_an_image_of_the_sample_would_get_versions_that_the_collection_asks_for(
    tmp_path: Path, collections: Path, context: Path
) -> None:
    """The step of the image's build that brings together what the sample and the collections in it need."""
    needs = context / "_build"
    python, system = tmp_path / "python.txt", tmp_path / "system.txt"
    user = ("--user-pip", needs / "requirements.txt", "--user-bindep", needs / "bindep.txt")
    written = ("--write-pip", python, "--write-bindep", system)
    call(needs / "scripts" / "introspect.py", "introspect", collections, *user, *written)
    asked = [Requirement(line.removesuffix(ORIGIN)) for line in lines_of(python) if line.endswith(ORIGIN)]
    pinned = {each.name: next(iter(each.specifier)).version for each in requirements_in(python) if "==" in str(each)}
    assert {each.name: pinned[each.name] for each in asked if pinned[each.name] in each.specifier} == pinned
    assert [line.split()[0] for line in lines_of(system)] == ["openssh-clients"]
