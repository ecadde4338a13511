# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the playbook awx_setup sends to AWX, by way of the released modules of awx.awx."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from awx_recorder import Answer, Recorder, Request, Values, recording
from federations import COLLECTION, EMAIL, TOKEN, Controller, Federation, Run, Service, kill_all_of
from jinja2 import StrictUndefined, Template

pytestmark = pytest.mark.xdist_group("awx")

PLAYBOOK = "jira_cloud.federation.awx_setup"
CONTROLLER_TOKEN = "c4n4ry-c0ntr0ller-t0ken"
IMAGE = "registry.example.com/jira-cloud-federation:0.1.0"
LEDGER_PASSWORD = "c4n4ry-l3dg3r-p4ssw0rd"
LEDGER = f"postgresql://federation:{LEDGER_PASSWORD}@db.example.com/federation"
ACCOUNT = {"email": EMAIL, "api_token": TOKEN, "ledger": LEDGER}
NO_ACCOUNT = {"ATLASSIAN_EMAIL": "", "ATLASSIAN_API_TOKEN": "", "JIRA_FEDERATION_LEDGER": ""}
#: What AWX shows in the place of a secret.
ENCRYPTED = "$encrypted$"
REPOSITORY = yaml.safe_load((COLLECTION / "galaxy.yml").read_text())["repository"]
PAGE = (COLLECTION / "docs" / "docsite" / "rst" / "how_to_awx.rst").read_text()
ROLE = COLLECTION / "roles" / "link_update"
OPTIONS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["link_update"]["options"]
EXAMPLE = yaml.safe_load((COLLECTION / "docs" / "examples" / "inventory.yml").read_text())
TWO = {"hosts": {"eu": {"link_update_product_url": "https://example-eu.atlassian.net"}, "us": None}}
#: What is set up under a name: its endpoint -> the variable for its name, and its name by default.
NAMED = {
    "credential_types": ("awx_setup_credential_type", "Atlassian link updates"),
    "credentials": ("awx_setup_credential", "Atlassian link updates"),
    "execution_environments": ("awx_setup_execution_environment", "Jira federation"),
    "projects": ("awx_setup_project", "Jira federation"),
    "inventories": ("awx_setup_inventory", "Jira federation"),
    "job_templates": ("awx_setup_job_template", "Update Jira links"),
    "workflow_job_templates": ("awx_setup_workflow", "Update Jira links, collect later"),
}


class Setup(Controller):
    """A place to run the playbook from, and the controller that it is to set up."""

    awx: Recorder

    def meet(self, awx: Recorder) -> Setup:
        self.awx = awx
        self.write_inventory({})
        self.environ.update(
            CONTROLLER_HOST=awx.url, CONTROLLER_OAUTH_TOKEN=CONTROLLER_TOKEN, JIRA_FEDERATION_LEDGER=LEDGER
        )
        # Each of the many modules costs half of what it costs otherwise.
        self.environ["ANSIBLE_PIPELINING"] = "true"
        return self

    def set_up(self, *arguments: str, **extra: Any) -> Sent:
        """Run the playbook; with -vvv, so that a secret would be seen."""
        before = len(self.awx.writes)
        run = self.run(PLAYBOOK, "-vvv", *arguments, extra={"awx_setup_image": IMAGE, **extra})
        for secret in (TOKEN, LEDGER_PASSWORD, CONTROLLER_TOKEN):
            assert secret not in run.output
        return Sent(run, self.awx.writes[before:])


@dataclass(frozen=True)
class Sent:
    """A run of the playbook, and the requests of it that were to change something."""

    run: Run
    writes: list[Request]

    def all(self, path: str) -> list[Any]:
        """What was posted to a path, or to all that are alike but for the number in it."""
        pattern = re.compile(f"/api/v2/{path}/".replace("/N/", r"/\d+/"))
        return [write.body for write in self.writes if write.method == "POST" and pattern.fullmatch(write.path)]

    def one(self, path: str) -> Any:
        (only,) = self.all(path)
        return only

    def names(self, endpoint: str) -> list[str]:
        return [body["name"] for body in self.all(endpoint)]


@pytest.fixture
def setup(tmp_path: Path) -> Iterator[Setup]:
    """A controller where nothing is set up yet."""
    folder = tmp_path / "setup"
    folder.mkdir()
    with recording() as awx:
        yield Setup(folder).meet(awx)


@pytest.fixture(scope="module")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Setup, Sent]]:
    """A controller that was set up with what is the default, and the run that did it."""
    with recording() as awx:
        setup = Setup(tmp_path_factory.mktemp("ready")).meet(awx)
        yield setup, setup.set_up()


@pytest.fixture(scope="module")
def sent(ready: tuple[Setup, Sent]) -> Sent:
    """What sets up a controller, with what is the default."""
    return ready[1]


@pytest.fixture(scope="module")
def awx(ready: tuple[Setup, Sent]) -> Recorder:
    return ready[0].awx


def id_of(awx: Recorder, endpoint: str) -> int:
    return int(awx.one(endpoint)["id"])


# -- What is sent


def test_one_run_sends_each_object_once_and_nothing_that_is_not_its_own(sent: Sent) -> None:
    assert sent.run.returncode == 0
    assert sent.run.recap("failed") == {"localhost": 0}
    paths = [(write.method, re.sub(r"\d+", "N", write.path.removeprefix("/api/v2/"))) for write in sent.writes]
    assert Counter(paths) == {
        ("POST", "credential_types/"): 1,
        ("POST", "execution_environments/"): 1,
        ("POST", "projects/"): 1,
        ("POST", "inventories/"): 1,
        ("POST", "credentials/"): 1,
        ("POST", "hosts/"): 4,
        ("POST", "groups/"): 1,
        ("POST", "groups/N/hosts/"): 4,
        ("POST", "job_templates/"): 1,
        ("POST", "job_templates/N/credentials/"): 1,
        ("POST", "job_templates/N/survey_spec/"): 1,
        ("POST", "workflow_job_templates/"): 1,
        ("POST", "workflow_job_templates/N/survey_spec/"): 1,
        ("POST", "workflow_job_template_nodes/"): 3,
        ("POST", "workflow_job_template_nodes/N/create_approval_template/"): 1,
        ("POST", "workflow_job_template_nodes/N/success_nodes/"): 2,
    }


def test_each_name_is_the_one_of_the_documentation_and_all_is_of_the_default_organization(
    awx: Recorder, sent: Sent
) -> None:
    for endpoint, (variable, name) in NAMED.items():
        assert sent.names(endpoint) == [name]
        assert f"     - {name}\n     - ``{variable}``\n" in PAGE
    organizations = {endpoint: sent.one(endpoint).get("organization") for endpoint in NAMED}
    assert organizations.pop("credential_types") is None
    assert set(organizations.values()) == {id_of(awx, "organizations")}


def test_the_job_template_runs_the_collections_playbook_with_all_that_it_needs(awx: Recorder, sent: Sent) -> None:
    template = sent.one("job_templates")
    assert template["playbook"] == "playbooks/link_update.yml"
    # AWX offers a file as a playbook when it has such a line.
    assert re.search(r"^\s+hosts:", (COLLECTION / template["playbook"]).read_text(), re.MULTILINE)
    assert template["project"] == id_of(awx, "projects")
    assert template["inventory"] == id_of(awx, "inventories")
    assert template["execution_environment"] == id_of(awx, "execution_environments")
    assert sent.one("execution_environments")["image"] == IMAGE
    assert sent.one("job_templates/N/credentials") == {"id": id_of(awx, "credentials")}
    assert (template["job_type"], template["forks"], template["job_slice_count"]) == ("run", 5, 1)
    assert template["allow_simultaneous"] is False


def test_what_of_the_job_template_belongs_to_its_owner_is_not_sent(sent: Sent) -> None:
    owned = "extra variables, instance groups, notifications and schedules of the job template are yours"
    assert owned in " ".join(PAGE.split())
    assert not re.search("extra_vars|instance_group|notification|schedule", json.dumps(list(sent.one("job_templates"))))


def test_the_project_is_this_collections_repository(sent: Sent) -> None:
    project = sent.one("projects")
    assert (project["scm_type"], project["scm_url"], project["scm_branch"]) == ("git", REPOSITORY, "")


def test_limit_check_mode_and_more_variables_are_asked_for_on_launch_and_nothing_else(sent: Sent) -> None:
    def asked(template: Values) -> set[str]:
        return {name for name, value in template.items() if name.startswith("ask_") and value}

    assert asked(sent.one("job_templates")) == {
        "ask_limit_on_launch",
        "ask_job_type_on_launch",
        "ask_variables_on_launch",
    }
    assert asked(sent.one("workflow_job_templates")) == {"ask_limit_on_launch"}


@pytest.mark.parametrize("endpoint", ["job_templates", "workflow_job_templates"])
def test_the_survey_asks_for_variables_of_the_role_with_its_choices_and_defaults(sent: Sent, endpoint: str) -> None:
    assert sent.one(endpoint)["survey_enabled"] is True
    survey = sent.one(f"{endpoint}/N/survey_spec")
    # What AWX requires of a survey and of each question, and that answers are texts.
    assert survey.keys() == {"name", "description", "spec"}
    questions = {each["variable"]: each for each in survey["spec"]}
    assert list(questions) == ["link_update_wave", "link_update_create_backup", "link_update_app_links_authorized"]
    for variable, question in questions.items():
        option = OPTIONS[variable]
        choices = ["false", "true"] if option["type"] == "bool" else option.get("choices")
        assert question.get("choices") == choices
        assert question["type"] == ("multiplechoice" if choices else "text")
        assert question["default"] == str(option["default"]).lower()
        assert question["required"] is True
        assert f"   * - {question['question_name']}\n     - ``{variable}``\n" in PAGE
    assert (questions["link_update_wave"]["min"], questions["link_update_wave"]["max"]) == (1, 1024)


def test_the_workflow_submits_then_waits_for_an_approval_then_collects(awx: Recorder, sent: Sent) -> None:
    nodes = {node["identifier"]: node for node in sent.all("workflow_job_template_nodes")}
    assert {name: node.get("unified_job_template") for name, node in nodes.items()} == {
        "submit": id_of(awx, "job_templates"),
        "approve": None,
        "collect": id_of(awx, "job_templates"),
    }
    # AWX takes it from a node because the template asks for variables on launch.
    assert {name: node.get("extra_data") for name, node in nodes.items()} == {
        "submit": {"link_update_wait": False},
        "approve": None,
        "collect": None,
    }
    assert OPTIONS["link_update_wait"]["type"] == "bool"
    assert {node["workflow_job_template"] for node in nodes.values()} == {id_of(awx, "workflow_job_templates")}

    numbers = {node["identifier"]: node["id"] for node in awx.all("workflow_job_template_nodes")}
    of_node = "/api/v2/workflow_job_template_nodes/{}/{}/"
    made = {write.path: write.body for write in sent.writes}
    assert made[of_node.format(numbers["approve"], "create_approval_template")]["name"] == "Collect the link updates"
    assert made[of_node.format(numbers["submit"], "success_nodes")] == {"id": numbers["approve"]}
    assert made[of_node.format(numbers["approve"], "success_nodes")] == {"id": numbers["collect"]}
    assert sent.one("workflow_job_templates")["allow_simultaneous"] is False


def test_the_inventory_is_the_example_unless_another_federation_is_given(awx: Recorder, sent: Sent) -> None:
    assert inventory_in(awx, sent) == EXAMPLE["all"]["children"]["federated_instances"]


# -- The credential


def test_the_credential_injects_what_the_role_reads_from_the_environment(awx: Recorder, sent: Sent) -> None:
    plugin = COLLECTION / "plugins" / "plugin_utils" / "_action_base.py"
    read = set(re.findall(r'"((?:ATLASSIAN|JIRA)_\w+)"', plugin.read_text()))
    credential = sent.one("credentials")
    assert credential["credential_type"] == id_of(awx, "credential_types")
    assert credential["inputs"] == ACCOUNT
    assert environment_from(sent, ACCOUNT) == {
        "ATLASSIAN_EMAIL": EMAIL,
        "ATLASSIAN_API_TOKEN": TOKEN,
        "JIRA_FEDERATION_LEDGER": LEDGER,
    }
    # The webhook and the account of the Data Center are in credentials of their own, for those who have one.
    others = {"JIRA_FEDERATION_NOTIFY_URL", "JIRA_DC_TOKEN", "JIRA_DC_USER", "JIRA_DC_PASSWORD"}
    assert set(environment_from(sent, ACCOUNT)) == read - others


def test_every_part_of_the_credential_is_required_and_all_but_the_address_is_secret(sent: Sent) -> None:
    """AWX fails each job while a required part is missing, and shows to nobody what is secret."""
    kind = sent.one("credential_types")
    assert kind["kind"] == "cloud"
    assert kind["inputs"].keys() == {"fields", "required"}
    assert kind["inputs"]["required"] == [field["id"] for field in kind["inputs"]["fields"]]
    assert {field["id"]: field.get("secret") for field in kind["inputs"]["fields"]} == {
        "email": None,
        "api_token": True,
        "ledger": True,
    }
    # AWX adds this type where there is none, and the next run would find a difference.
    assert {field["type"] for field in kind["inputs"]["fields"]} == {"string"}


def test_secrets_are_sent_in_the_credential_alone_and_the_token_of_awx_in_a_header_alone(
    awx: Recorder, sent: Sent
) -> None:
    for secret in (TOKEN, LEDGER_PASSWORD):
        assert {write.path for write in sent.writes if secret in json.dumps(write.body)} == {"/api/v2/credentials/"}
    for request in awx.requests:
        assert request.authorization == f"Bearer {CONTROLLER_TOKEN}"
        assert CONTROLLER_TOKEN not in json.dumps([request.path, request.body])


# -- A second run


def test_a_second_run_sends_nothing_that_changes_and_leaves_a_credential_as_it_is_whoever_starts_it(
    ready: tuple[Setup, Sent], monkeypatch: pytest.MonkeyPatch
) -> None:
    setup, _sent = ready
    theirs = {"email": "another@example.com", "api_token": ENCRYPTED}
    monkeypatch.setitem(setup.awx.one("credentials"), "inputs", theirs)
    again = setup.set_up()
    assert again.run.returncode == 0
    assert again.run.recap("changed") == {"localhost": 0}
    assert "The credential Atlassian link updates was there already and was left as it is" in again.run.message
    assert again.writes == []


def test_the_next_run_sets_right_what_was_changed_by_hand_replaces_secrets_when_asked_to_and_touches_nothing_else(
    ready: tuple[Setup, Sent], monkeypatch: pytest.MonkeyPatch
) -> None:
    setup, _sent = ready
    awx = setup.awx
    template, group, image, credential = map(
        awx.one, ("job_templates", "groups", "execution_environments", "credentials")
    )
    template |= {"ask_limit_on_launch": False, "extra_vars": "theirs: true"}
    monkeypatch.setitem(credential, "inputs", {"email": EMAIL, "api_token": ENCRYPTED, "ledger": ENCRYPTED})
    host = awx.add("hosts", {"name": "no more", "inventory": group["inventory"]})["id"]
    theirs = awx.add("credentials", {"name": "Theirs", "credential_type": 0})["id"]
    awx.associated[f"{group['url']}hosts/"].append(host)
    awx.associated[f"{template['url']}credentials/"].append(theirs)

    again = setup.set_up(awx_setup_replace_secrets="true", awx_setup_image="registry.example.com/another:1")
    del awx.objects[theirs]
    assert again.run.returncode == 0
    assert again.run.recap("changed") == {"localhost": 4}
    changes = {(write.method, write.path): write.body for write in again.writes}
    assert len(changes) == len(again.writes) == 5
    assert changes["PATCH", image["url"]]["image"] == "registry.example.com/another:1"
    assert changes["PATCH", credential["url"]]["inputs"] == ACCOUNT
    assert changes["POST", f"{group['url']}hosts/"] == {"id": host, "disassociate": True}
    assert changes["PATCH", template["url"]]["ask_limit_on_launch"] is True
    assert "extra_vars" not in changes["PATCH", template["url"]]
    assert changes["POST", f"{template['url']}credentials/"] == {"id": theirs, "disassociate": True}


def test_check_mode_sends_nothing_where_nothing_is_set_up_yet(setup: Setup) -> None:
    checked = setup.set_up("--check")
    assert checked.run.returncode == 0
    assert checked.run.recap("changed") == {"localhost": 4}
    assert setup.awx.requests
    assert checked.writes == []


# -- Other names, another organization, no account


@dataclass(frozen=True)
class Ours:
    """A second organization that was set up, with a federation that is there and what proves it, by somebody who has no
    account.
    """

    setup: Setup
    extra: Values
    sent: Sent
    federation: Federation


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ours]:
    federation = Federation(tmp_path_factory.mktemp("federation"))
    federation.set_up(Service(), names=("eu", "us", "ap"))
    group = json.loads(federation.inventory.read_text())["all"]["children"]["federated_instances"]
    del group["vars"]["link_update_app_links_authorized"]
    extra = {
        **{variable: f"Our {name}" for variable, name in NAMED.values()},
        "awx_setup_organization": "Another",
        "awx_setup_project_url": "https://git.example.com/ours",
        "awx_setup_project_branch": "stable",
        "awx_setup_forks": 200,
        "awx_setup_federation": group,
        "awx_setup_data_center_credential": "Jira Data Center",
        "awx_setup_report_dir": "/var/lib/jira/report",
    }
    with recording() as awx:
        setup = Setup(tmp_path_factory.mktemp("ours")).meet(awx)
        setup.environ.update(NO_ACCOUNT)
        awx.add("organizations", {"name": "Another"})
        awx.add("execution_environments", {"name": "Jira federation", "organization": 1})
        awx.add("credentials", {"name": "Jira Data Center", "credential_type": 0})
        yield Ours(setup, extra, setup.set_up(**extra), federation)
    kill_all_of(federation.home)
    federation.service.stop()


def test_all_has_the_names_that_are_given_and_belongs_to_the_organization_that_is_given(ours: Ours) -> None:
    assert ours.sent.run.returncode == 0
    assert {endpoint: ours.sent.names(endpoint)[0] for endpoint in NAMED} == {
        endpoint: f"Our {name}" for endpoint, (_module, name) in NAMED.items()
    }
    assert ours.sent.names("job_templates")[1:] == [f"{verb} Jira links" for verb in ("Count", "Check", "Repair")]
    assert all(len(ours.sent.names(endpoint)) == 1 for endpoint in NAMED if endpoint != "job_templates")
    another = ours.setup.awx.all("organizations")[1]["id"]
    assert {write.body["organization"] for write in ours.sent.writes if "organization" in write.body} == {another}
    project = ours.sent.one("projects")
    assert (project["scm_url"], project["scm_branch"]) == ("https://git.example.com/ours", "stable")
    assert {each["forks"] for each in ours.sent.all("job_templates")} == {200}


def test_with_a_credential_of_the_data_center_the_workflow_counts_before_and_checks_and_repairs_after(
    ours: Ours,
) -> None:
    awx = ours.setup.awx
    templates = {each["playbook"]: each for each in awx.all("job_templates")}
    names = ("update", "census", "check", "repair")
    assert list(templates) == [f"playbooks/link_{name}.yml" for name in names]
    assert all((COLLECTION / playbook).is_file() for playbook in templates)
    assert all(each["ask_variables_on_launch"] for each in templates.values()), "else the wave does not reach them"
    credentials = [len(awx.associated[f"{each['url']}credentials/"]) for each in templates.values()]
    assert credentials == [1, 2, 1, 1], "the account of the Data Center is for the census alone"

    nodes = {node["identifier"]: node for node in awx.all("workflow_job_template_nodes")}
    named = {each["id"]: each["name"] for each in templates.values()}
    assert {name: named.get(node.get("unified_job_template")) for name, node in nodes.items()} == {
        "census": "Count Jira links",
        "submit": "Our Update Jira links",
        "approve": None,
        "collect": "Our Update Jira links",
        "check": "Check Jira links",
        "approve repair": None,
        "repair": "Repair Jira links",
        "check again": "Check Jira links",
    }
    folder = {"link_update_report_dir": "/var/lib/jira/report"}
    assert [nodes[name]["extra_data"] for name in ("check", "repair", "check again")] == [
        folder,
        {**folder, "link_repair_findings": "/var/lib/jira/report/link_check_findings.csv"},
        folder,
    ]

    def after(name: str, kind: str) -> list[str]:
        ids = awx.associated[f"{nodes[name]['url']}{kind}/"]
        return [other for other, node in nodes.items() if node["id"] in ids]

    assert {name: (after(name, "success_nodes"), after(name, "failure_nodes")) for name in nodes} == {
        "census": (["submit"], []),
        "submit": (["approve"], []),
        "approve": (["collect"], []),
        "collect": (["check"], []),
        "check": ([], ["approve repair"]),
        "approve repair": (["repair"], []),
        "repair": (["check again"], []),
        "check again": ([], []),
    }


def test_without_an_account_in_the_environment_the_credential_is_left_to_be_filled_in_and_stays_so(
    ours: Ours, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "nothing was written into the credential Our Atlassian link updates" in ours.sent.run.message
    assert "inputs" not in ours.sent.one("credentials")
    by_hand = {"email": "by@hand.example.com", "api_token": ENCRYPTED, "ledger": ENCRYPTED}
    _of_the_data_center, credential = ours.setup.awx.all("credentials")
    monkeypatch.setitem(credential, "inputs", by_hand)
    again = ours.setup.set_up(**ours.extra)
    assert again.run.recap("changed") == {"localhost": 0}
    assert again.writes == []


def test_what_awx_would_run_updates_the_links_of_the_federation(ours: Ours, postgresql: str) -> None:
    federation, sent = ours.federation, ours.sent
    extra_data = {node["identifier"]: node.get("extra_data", {}) for node in sent.all("workflow_job_template_nodes")}
    survey = sent.one("job_templates/N/survey_spec")["spec"]
    answers = {question["variable"]: question["default"] for question in survey}
    inventory = {"all": {"children": {"federated_instances": inventory_in(ours.setup.awx, sent)}}}
    federation.inventory.write_text(json.dumps(inventory))
    federation.environ = environment_from(sent, {**ACCOUNT, "ledger": postgresql})

    def launch(node: str, **more: Any) -> Run:
        extra = {"awx_job_id": 1, **extra_data[node], **answers, **more}
        return federation.run(str(COLLECTION / sent.all("job_templates")[0]["playbook"]), extra=extra)

    refused = launch("submit")
    assert "run again with -e link_update_app_links_authorized=true" in refused.message
    assert federation.service.jobs == []
    submitted = launch("submit", link_update_app_links_authorized="true")
    assert submitted.returncode == 0
    assert len(federation.service.jobs) == 3, "one of each instance, which orders its backup"
    collected = launch("collect", link_update_app_links_authorized="true")
    assert collected.returncode == 0
    assert "6 of 6 jobs complete" in collected.message


# -- What fails at AWX


def test_what_awx_refuses_ends_the_run_in_the_words_of_the_documentation(setup: Setup) -> None:
    awx = setup.awx

    def refused(message: str, answers: dict[tuple[str, str], Answer]) -> Sent:
        """A run in which AWX answers so; the first of these requests is the last that is to change something."""
        awx.answers.update(answers)
        sent = setup.set_up(awx_setup_federation=TWO)
        awx.answers.clear()
        assert f"\n``{message}``\n" in PAGE
        assert message in sent.run.message
        assert sent.run.returncode == 2
        assert (sent.writes[-1].method, sent.writes[-1].path) == next(iter(answers))
        return sent

    message = "Cannot change the organization of an execution environment"
    other = awx.add("execution_environments", {"name": "Jira federation", "organization": 0})
    moved = refused(message, {("PATCH", other["url"]): (400, {"organization": [message]})})
    assert moved.writes[-1].body["organization"] == id_of(awx, "organizations")
    del awx.objects[other["id"]]

    update = {"id": 4711, "status": "failed"}
    created = {"id": 4710, "url": "", "scm_revision": "", "summary_fields": {"current_update": update}}
    projects, updates = ("POST", "/api/v2/projects/"), ("GET", "/api/v2/project_updates/4711/")
    refused("Project update failed", {projects: (201, created), updates: (200, update)})

    message = "Playbook not found for project"
    sent = refused(message, {("POST", "/api/v2/job_templates/"): (400, {"playbook": [message]})})
    assert inventory_in(awx, sent) == {"hosts": {**TWO["hosts"], "us": {}}, "vars": {}}


# -- Bad input


NO_SHARED_LEDGER = "JIRA_FEDERATION_LEDGER must be the URL of a PostgreSQL database"
UNSHARED = ["", "/var/lib/ledger.sqlite3", "sqlite:///var/lib/ledger.sqlite3", LEDGER.replace("postgresql", "mysql")]
NO_TOKEN = "awx_setup_replace_secrets is set, but ATLASSIAN_EMAIL and ATLASSIAN_API_TOKEN are not both set"
#: What is wrong -> the variables, and what is said.
BAD: dict[str, tuple[Values, str]] = {
    "no-image": ({"image": ""}, "Set awx_setup_image to the image of an execution environment"),
    "one-name-for-two": ({"workflow": "Update Jira links"}, "Use two different names"),
    "secrets-replaced-by-none": ({"replace_secrets": True, "inputs": {**ACCOUNT, "api_token": ""}}, NO_TOKEN),
    **{
        f"unshared-ledger-{number}": ({"inputs": {**ACCOUNT, "ledger": ledger}}, NO_SHARED_LEDGER)
        for number, ledger in enumerate(UNSHARED)
    },
    **{
        wrong: ({"federation": federation}, message)
        for wrong, (federation, message) in {
            "a-text": ("inventory.yml", "awx_setup_federation must be what an inventory has under"),
            "a-list": ([{"eu": {}}], "awx_setup_federation must be what an inventory has under"),
            "hosts-in-a-list": ({"hosts": ["eu", "us"]}, "awx_setup_federation must be what an inventory has under"),
            "one-host": ({"hosts": {"eu": {}}}, "the names of at least two instances"),
            "a-host-that-is-a-text": (
                {"hosts": {"eu": "https://eu.example.net", "us": {}}},
                "the names of at least two instances to their variables",
            ),
            "a-whole-inventory": (EXAMPLE, "what an inventory has under federated_instances"),
            "the-group-with-its-name": (EXAMPLE["all"]["children"], "what an inventory has under federated_instances"),
            "vars-that-are-none": ({"hosts": {"eu": {}, "us": {}}, "vars": "none"}, "optionally vars"),
            "a-word-that-is-none": ({"hosts": {"eu": {}, "us": {}}, "var": {}}, "optionally vars"),
            "a-token-of-a-host": (
                {"hosts": {"eu": {"link_update_api_token": TOKEN}, "us": None}},
                "link_update_api_token, link_update_ledger, link_update_notify_url belong in a credential",
            ),
            "a-ledger-of-all-hosts": (
                {"hosts": {"eu": {}, "us": None}, "vars": {"link_update_ledger": LEDGER}},
                "link_update_api_token, link_update_ledger, link_update_notify_url belong in a credential",
            ),
        }.items()
    },
}
GOOD: Values = {"image": IMAGE, "workflow": "Later", "federation": TWO, "replace_secrets": False, "inputs": ACCOUNT}


def test_bad_input_gets_one_clear_message_and_nothing_is_sent(setup: Setup) -> None:
    """All of it in one run, where each host of a group has the name localhost and variables of its own. What the
    environment has is the same for all of them, so that the variable that it is read into is given instead.
    """
    hosts = {wrong: {"given": {**GOOD, **given}} for wrong, (given, _message) in BAD.items()}
    setup.inventory.write_text(json.dumps({"localhost": {"hosts": hosts}}))
    variables = {"__inputs" if name == "inputs" else f"awx_setup_{name}": f"{{{{ given.{name} }}}}" for name in GOOD}
    run = setup.set_up(**variables).run
    assert run.returncode == 2
    said = re.findall(r"^fatal: \[([\w-]+)\]: FAILED! => (\{.*?^\})", run.output, re.MULTILINE | re.DOTALL)
    assert sorted(wrong for wrong, _said in said) == sorted(BAD)
    for wrong, result in said:
        assert "Nothing was sent." in result
        assert BAD[wrong][1] in result
    assert setup.awx.requests == []


# -- What it is made of


def test_every_option_is_one_that_the_released_modules_document() -> None:
    tasks = yaml.safe_load((COLLECTION / "playbooks" / "tasks" / "awx.yml").read_text())
    used = [(name, options) for task in tasks for name, options in task.items() if str(name).startswith("awx.awx.")]
    modules = {name for name, _options in used}
    assert len(modules) == 10
    documented = json.loads(subprocess.check_output(["ansible-doc", "--json", *sorted(modules)]))
    for module, options in used:
        for option, value in options.items():
            specification = documented[module]["doc"]["options"][option]
            if "{{" not in str(value):
                assert value in specification.get("choices", [value]), (module, option)


# -- What AWX makes of what is sent


def inventory_in(awx: Recorder, sent: Sent) -> Values:
    """The group of the instances, as an inventory has it."""
    group = sent.one("groups")
    assert group["name"] == "federated_instances"
    members = [awx.objects[each["id"]]["name"] for each in sent.all("groups/N/hosts")]
    hosts = sent.all("hosts")
    assert {each["inventory"] for each in [group, *hosts]} == {id_of(awx, "inventories")}
    return {
        "hosts": {host["name"]: json.loads(host["variables"]) for host in hosts if host["name"] in members},
        "vars": json.loads(group["variables"]),
    }


def environment_from(sent: Sent, inputs: dict[str, str]) -> dict[str, str]:
    """What the credential puts into the environment of a job."""
    injectors = sent.one("credential_types")["injectors"]
    assert injectors.keys() == {"env"}
    return {
        name: Template(template, undefined=StrictUndefined).render(inputs)
        for name, template in injectors["env"].items()
    }
