# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook awx_setup, run for real with the released modules of awx.awx, at a stand-in for AWX."""

from __future__ import annotations

import json
import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests
import yaml
from awx_service import ENCRYPTED, AwxService, Values
from federations import COLLECTION, EMAIL, TOKEN, Controller, Federation, Run
from jinja2 import Template

pytestmark = pytest.mark.xdist_group("awx")

PLAYBOOK = "jira_cloud.federation.awx_setup"
IMAGE = "registry.example.com/jira-cloud-federation:0.1.0"
LEDGER_PASSWORD = "c4n4ry-l3dg3r-p4ssw0rd"
LEDGER = f"postgresql://federation:{LEDGER_PASSWORD}@db.example.com/federation"
REPOSITORY = yaml.safe_load((COLLECTION / "galaxy.yml").read_text())["repository"]
ROLE = COLLECTION / "roles" / "link_update"
OPTIONS = yaml.safe_load((ROLE / "meta" / "argument_specs.yml").read_text())["argument_specs"]["link_update"]["options"]
EXAMPLE = yaml.safe_load((COLLECTION / "docs" / "examples" / "inventory.yml").read_text())


@contextmanager
def listening() -> Iterator[AwxService]:
    with AwxService({REPOSITORY: COLLECTION}) as service:
        threading.Thread(target=service.serve_forever, args=[0.01]).start()
        try:
            yield service
        finally:
            service.shutdown()


class Setup(Controller):
    """A place to run the playbook from, and the controller that it is to set up."""

    awx: AwxService

    def meet(self, awx: AwxService) -> Setup:
        self.awx = awx
        self.write_inventory({})
        self.environ.update(
            CONTROLLER_HOST=awx.url,
            CONTROLLER_OAUTH_TOKEN=AwxService.TOKEN,
            JIRA_FEDERATION_LEDGER=LEDGER,
        )
        return self

    def set_up(self, *arguments: str, **extra: Any) -> Run:
        return self.run(PLAYBOOK, *arguments, extra={"awx_setup_image": IMAGE, **extra})

    def one(self, endpoint: str) -> Values:
        """The only object of its kind."""
        return self.awx.awx.one(endpoint)


@pytest.fixture
def setup(tmp_path: Path) -> Iterator[Setup]:
    """A controller where nothing is set up yet."""
    folder = tmp_path / "setup"
    folder.mkdir()
    with listening() as awx:
        yield Setup(folder).meet(awx)


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Setup, Run]]:
    """A controller that was set up, and the run that did it."""
    with listening() as awx:
        setup = Setup(tmp_path_factory.mktemp("finished")).meet(awx)
        yield setup, setup.set_up("-vvv")


@pytest.fixture
def ready(finished: tuple[Setup, Run]) -> Setup:
    """A controller that was set up."""
    return finished[0]


# -- What is set up


def test_one_run_sets_everything_up(finished: tuple[Setup, Run]) -> None:
    setup, run = finished
    assert run.returncode == 0
    assert run.recap("failed") == {"localhost": 0}
    for endpoint in ("job_templates", "workflow_job_templates", "credentials", "projects", "inventories", "groups"):
        assert len(setup.awx.awx.all(endpoint)) == 1


def test_a_second_run_changes_nothing_and_sends_nothing_that_could(ready: Setup) -> None:
    before = len(ready.awx.writes)
    run = ready.set_up()
    assert run.returncode == 0
    assert run.recap("changed") == {"localhost": 0}
    assert ready.awx.writes[before:] == []


def test_check_mode_sends_nothing_where_nothing_is_set_up_yet(setup: Setup) -> None:
    run = setup.set_up("--check")
    assert run.returncode == 0
    assert run.recap("changed") == {"localhost": 4}
    assert setup.awx.writes == []


def test_what_was_changed_by_hand_is_set_right_by_the_next_run_and_nothing_else_is_touched(ready: Setup) -> None:
    template = ready.awx.awx.find("job_templates", ready.one("job_templates")["id"])
    template.values["ask_limit_on_launch"] = False
    group = ready.one("groups")
    another = sent(ready.awx, "/api/v2/hosts/", {"name": "no more", "inventory": group["inventory"]}).json()
    sent(ready.awx, f"{group['url']}hosts/", {"id": another["id"]})
    before = len(ready.awx.writes)
    run = ready.set_up()
    assert run.recap("changed") == {"localhost": 2}
    assert [(write.method, write.path, write.body) for write in ready.awx.writes[before:-1]] == [
        ("POST", f"{group['url']}hosts/", {"id": another["id"], "disassociate": True})
    ]
    assert ready.awx.writes[-1].path == template.url
    assert template.values["ask_limit_on_launch"] is True


def test_the_job_template_runs_the_collections_playbook_with_all_that_it_needs(ready: Setup) -> None:
    template = ready.one("job_templates")
    assert template["playbook"] == "playbooks/link_update.yml"
    assert (COLLECTION / template["playbook"]).is_file()
    assert template["project"] == ready.one("projects")["id"]
    assert template["inventory"] == ready.one("inventories")["id"]
    assert template["execution_environment"] == ready.one("execution_environments")["id"]
    assert ready.one("execution_environments")["image"] == IMAGE
    credentials = ready.awx.awx.find("job_templates", template["id"]).associated["credentials"]
    assert credentials == [ready.one("credentials")["id"]]
    assert (template["job_type"], template["forks"], template["job_slice_count"]) == ("run", 5, 1)


def test_the_project_is_this_collections_repository(ready: Setup) -> None:
    project = ready.one("projects")
    assert (project["scm_type"], project["scm_url"], project["scm_branch"]) == ("git", REPOSITORY, "")
    assert project["status"] == "successful"


def test_limit_check_mode_and_more_variables_are_asked_for_on_launch_and_nothing_else(ready: Setup) -> None:
    template = ready.one("job_templates")
    asked = {name for name, value in template.items() if name.startswith("ask_") and value}
    assert asked == {"ask_limit_on_launch", "ask_job_type_on_launch", "ask_variables_on_launch"}


@pytest.mark.parametrize("endpoint", ["job_templates", "workflow_job_templates"])
def test_the_survey_asks_for_variables_of_the_role_with_its_choices_and_defaults(ready: Setup, endpoint: str) -> None:
    template = ready.one(endpoint)
    assert template["survey_enabled"] is True
    questions = {each["variable"]: each for each in ready.awx.awx.find(endpoint, template["id"]).survey["spec"]}
    assert set(questions) == {"link_update_wave", "link_update_create_backup", "link_update_app_links_authorized"}
    for variable, question in questions.items():
        option = OPTIONS[variable]
        choices = ["false", "true"] if option["type"] == "bool" else option.get("choices")
        assert question.get("choices") == choices
        assert question["default"] == str(option["default"]).lower()
        assert question["required"] is True


def test_the_workflow_submits_then_waits_for_an_approval_then_collects(ready: Setup) -> None:
    nodes = {node["identifier"]: node for node in ready.awx.awx.all("workflow_job_template_nodes")}
    assert set(nodes) == {"submit", "approve", "collect"}
    names = {node["id"]: name for name, node in nodes.items()}
    edges = [
        (name, relation, names[other])
        for name, node in nodes.items()
        for relation in ("success_nodes", "failure_nodes", "always_nodes")
        for other in node[relation]
    ]
    assert edges == [("submit", "success_nodes", "approve"), ("approve", "success_nodes", "collect")]
    template = ready.one("job_templates")["id"]
    approval = ready.one("workflow_approval_templates")["id"]
    assert [nodes[name]["unified_job_template"] for name in ("submit", "approve", "collect")] == [
        template,
        approval,
        template,
    ]
    assert [nodes[name]["extra_data"] for name in ("submit", "approve", "collect")] == [
        {"link_update_wait": False},
        {},
        {},
    ]
    assert OPTIONS["link_update_wait"]["type"] == "bool"
    assert {node["workflow_job_template"] for node in nodes.values()} == {ready.one("workflow_job_templates")["id"]}


def test_the_inventory_is_the_example_unless_another_federation_is_given(ready: Setup) -> None:
    assert inventory_of(ready) == EXAMPLE["all"]["children"]["federated_instances"]


# -- The credential


def test_the_credential_injects_what_the_role_reads_from_the_environment(ready: Setup) -> None:
    read = set(re.findall(r"ansible\.builtin\.env', '(\w+)'", (ROLE / "defaults" / "main.yml").read_text()))
    credential = ready.awx.awx.find("credentials", ready.one("credentials")["id"]).values
    assert credential["inputs"] == {"email": EMAIL, "api_token": TOKEN, "ledger": LEDGER}
    assert environment_of(ready) == {
        "ATLASSIAN_EMAIL": EMAIL,
        "ATLASSIAN_API_TOKEN": TOKEN,
        "JIRA_FEDERATION_LEDGER": LEDGER,
    }
    assert set(environment_of(ready)) == read


def test_awx_fails_each_job_while_a_part_of_the_credential_is_missing_because_every_part_is_required(
    ready: Setup,
) -> None:
    inputs = ready.one("credential_types")["inputs"]
    assert inputs["required"] == [field["id"] for field in inputs["fields"]] == ["email", "api_token", "ledger"]


def test_no_secret_is_shown(finished: tuple[Setup, Run]) -> None:
    setup, run = finished
    assert setup.one("credentials")["inputs"] == {"email": EMAIL, "api_token": ENCRYPTED, "ledger": ENCRYPTED}
    for secret in (TOKEN, LEDGER_PASSWORD, AwxService.TOKEN):
        assert secret not in run.output
        assert secret not in json.dumps([setup.awx.awx.all(each) for each in ("credentials", "job_templates", "hosts")])


def test_without_an_account_in_the_environment_the_credential_is_left_to_be_filled_in_and_stays_so(
    setup: Setup,
) -> None:
    setup.environ.update(ATLASSIAN_EMAIL="", ATLASSIAN_API_TOKEN="", JIRA_FEDERATION_LEDGER="")
    two = {"hosts": {"eu": {"link_update_product_url": "https://example-eu.atlassian.net"}, "us": None}}
    run = setup.set_up(awx_setup_federation=two)
    assert run.returncode == 0
    assert "nothing was written into the credential Atlassian link updates" in run.message
    credential = setup.awx.awx.find("credentials", setup.one("credentials")["id"])
    assert credential.values["inputs"] == {}
    credential.values["inputs"] = {"email": "by@hand.example.com", "api_token": "by-hand", "ledger": "by-hand"}
    rerun = setup.set_up(awx_setup_federation=two)
    assert rerun.recap("changed") == {"localhost": 0}
    assert credential.values["inputs"]["api_token"] == "by-hand"


HELD = {
    "an account of somebody else": {
        "email": "another@example.com",
        "api_token": "theirs",
        "ledger": "postgresql:///theirs",
    },
    "an account without a ledger": {"email": EMAIL, "api_token": "theirs"},
}


@pytest.mark.parametrize("held", HELD.values(), ids=HELD.keys())
def test_a_second_run_leaves_a_credential_as_it_is_whoever_starts_it_and_says_so(
    ready: Setup, monkeypatch: pytest.MonkeyPatch, held: Values
) -> None:
    credential = ready.awx.awx.find("credentials", ready.one("credentials")["id"])
    monkeypatch.setattr(credential, "values", {**credential.values, "inputs": held})
    before = len(ready.awx.writes)
    run = ready.set_up("-vvv")
    assert run.returncode == 0
    assert run.recap("changed") == {"localhost": 0}
    assert "The credential Atlassian link updates was there already and was left as it is" in run.message
    assert ready.awx.writes[before:] == []
    assert credential.values["inputs"] == held


def test_a_renewed_token_is_written_when_it_is_asked_for(ready: Setup, monkeypatch: pytest.MonkeyPatch) -> None:
    credential = ready.awx.awx.find("credentials", ready.one("credentials")["id"])
    held = {**credential.values["inputs"], "api_token": "too old"}
    monkeypatch.setattr(credential, "values", {**credential.values, "inputs": held})
    before = len(ready.awx.writes)
    run = ready.set_up("-vvv", awx_setup_replace_secrets="true")
    assert run.returncode == 0
    assert run.recap("changed") == {"localhost": 1}
    assert [write.path for write in ready.awx.writes[before:]] == [credential.url]
    assert credential.values["inputs"] == {"email": EMAIL, "api_token": TOKEN, "ledger": LEDGER}
    assert TOKEN not in run.output
    assert LEDGER_PASSWORD not in run.output


# -- What fails at AWX


def test_a_first_sync_that_fails_ends_the_first_run_and_hides_the_playbook_from_the_next(setup: Setup) -> None:
    setup.awx.awx.repositories.clear()
    assert "Project update failed" in setup.set_up().message
    assert "Playbook not found for project" in setup.set_up().message


def test_a_second_organization_needs_an_execution_environment_of_its_own(setup: Setup) -> None:
    first = {"name": "Jira federation", "organization": setup.one("organizations")["id"], "image": IMAGE}
    sent(setup.awx, "/api/v2/execution_environments/", first)
    sent(setup.awx, "/api/v2/organizations/", {"name": "Another"})
    refused = setup.set_up(awx_setup_organization="Another")
    assert refused.returncode == 2
    assert "Cannot change the organization of an execution environment" in refused.message
    run = setup.set_up(awx_setup_organization="Another", awx_setup_execution_environment="Another Jira federation")
    assert run.returncode == 0


# -- Bad input


BAD = {
    "no image": ({"awx_setup_image": ""}, "Set awx_setup_image to the image of an execution environment"),
    "one name for two": ({"awx_setup_workflow": "Update Jira links"}, "Give them different names"),
    "a text": ({"awx_setup_federation": "inventory.yml"}, "awx_setup_federation is to be what stands under"),
    "a list": ({"awx_setup_federation": [{"eu": {}}]}, "awx_setup_federation is to be what stands under"),
    "hosts in a list": ({"awx_setup_federation": {"hosts": ["eu", "us"]}}, "is to be what stands under"),
    "one host": ({"awx_setup_federation": {"hosts": {"eu": {}}}}, "the names of at least two instances"),
    "a host that is a text": (
        {"awx_setup_federation": {"hosts": {"eu": "https://eu.example.net", "us": {}}}},
        "the names of at least two instances to their variables",
    ),
    "a whole inventory": ({"awx_setup_federation": EXAMPLE}, "what stands under federated_instances"),
    "the group with its name": (
        {"awx_setup_federation": EXAMPLE["all"]["children"]},
        "what stands under federated_instances",
    ),
    "vars that are none": ({"awx_setup_federation": {"hosts": {"eu": {}, "us": {}}, "vars": "none"}}, "perhaps vars"),
    "a word that is none": ({"awx_setup_federation": {"hosts": {"eu": {}, "us": {}}, "var": {}}}, "perhaps vars"),
    "a token of a host": (
        {"awx_setup_federation": {"hosts": {"eu": {"link_update_api_token": TOKEN}, "us": None}}},
        "link_update_api_token and link_update_ledger belong in the credential",
    ),
    "a ledger of all hosts": (
        {"awx_setup_federation": {"hosts": {"eu": {}, "us": None}, "vars": {"link_update_ledger": LEDGER}}},
        "link_update_api_token and link_update_ledger belong in the credential",
    ),
}


@pytest.mark.parametrize(("extra", "message"), BAD.values(), ids=BAD.keys())
def test_bad_input_gets_one_clear_message_and_nothing_is_sent(
    setup: Setup, extra: dict[str, Any], message: str
) -> None:
    run = setup.set_up("-vvv", **extra)
    assert run.returncode == 2
    assert "Nothing was sent." in run.message
    assert message in run.message
    assert TOKEN not in run.output
    assert LEDGER_PASSWORD not in run.output
    assert setup.awx.requests == []


def test_secrets_are_not_replaced_by_none(setup: Setup) -> None:
    setup.environ["ATLASSIAN_API_TOKEN"] = ""
    run = setup.set_up(awx_setup_replace_secrets=True)
    assert run.returncode == 2
    assert "Nothing was sent. awx_setup_replace_secrets is set, but ATLASSIAN_EMAIL and" in run.message
    assert setup.awx.requests == []


UNSHARED = ["", "/var/lib/ledger.sqlite3", "sqlite:///var/lib/ledger.sqlite3", LEDGER.replace("postgresql", "mysql")]


@pytest.mark.parametrize("ledger", UNSHARED, ids=["none", "path", "sqlite", "mysql"])
def test_a_ledger_that_jobs_cannot_share_is_refused(setup: Setup, ledger: str) -> None:
    setup.environ["JIRA_FEDERATION_LEDGER"] = ledger
    run = setup.set_up("-vvv")
    assert run.returncode == 2
    assert "JIRA_FEDERATION_LEDGER has to be the URL of a PostgreSQL database" in run.message
    assert LEDGER_PASSWORD not in run.output
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


# -- The job that comes of it


def test_what_awx_would_run_updates_the_links_of_the_federation(
    setup: Setup, federation: Federation, postgresql: str
) -> None:
    setup.environ["JIRA_FEDERATION_LEDGER"] = postgresql
    group = json.loads(federation.inventory.read_text())["all"]["children"]["federated_instances"]
    del group["vars"]["link_update_app_links_authorized"]
    assert setup.set_up(awx_setup_federation=group).returncode == 0

    template = setup.one("job_templates")
    nodes = {node["identifier"]: node for node in setup.awx.awx.all("workflow_job_template_nodes")}
    survey = setup.awx.awx.find("job_templates", template["id"]).survey["spec"]
    answers = {question["variable"]: question["default"] for question in survey}
    federation.inventory.write_text(json.dumps({"all": {"children": {"federated_instances": inventory_of(setup)}}}))
    federation.environ = environment_of(setup)

    def launch(node: str, **more: Any) -> Run:
        extra = {"awx_job_id": 1, **nodes[node]["extra_data"], **answers, **more}
        return federation.run(str(COLLECTION / template["playbook"]), extra=extra)

    refused = launch("submit")
    assert "set link_update_app_links_authorized to true, then rerun" in refused.message
    assert federation.service.jobs == []
    submitted = launch("submit", link_update_app_links_authorized="true")
    assert submitted.returncode == 0
    assert len(federation.service.jobs) == 4, "one of each instance, which orders its backup"
    collected = launch("collect", link_update_app_links_authorized="true")
    assert collected.returncode == 0
    assert "12 of 12 jobs complete" in collected.message


# -- The stand-in is as strict as AWX, and no stricter


EMAIL_FIELD = {"id": "email", "label": "E-mail"}
TYPE: Values = {
    "name": "A type",
    "kind": "cloud",
    "inputs": {"fields": [EMAIL_FIELD, {"id": "on", "label": "On", "type": "boolean"}]},
    "injectors": {"env": {"EMAIL": "{{ email }}"}},
}


#: What is wrong with it -> the field that is complained of, and the type.
BROKEN_TYPES: dict[str, tuple[str, Values]] = {
    "without a name": ("name", {name: value for name, value in TYPE.items() if name != "name"}),
    "without a kind": ("kind", {name: value for name, value in TYPE.items() if name != "kind"}),
    "of a kind that is managed": ("kind", {**TYPE, "kind": "ssh"}),
    **{
        f"with {wrong}": ("inputs", {**TYPE, "inputs": value, "injectors": {}})
        for wrong, value in {
            "inputs in a list": [EMAIL_FIELD],
            "unknown inputs": {"field": [EMAIL_FIELD]},
            "dependencies": {"fields": [EMAIL_FIELD], "dependencies": {}},
            "a field twice": {"fields": [EMAIL_FIELD, EMAIL_FIELD]},
            "a field without a label": {"fields": [{"id": "email"}]},
            "the reserved field": {"fields": [{**EMAIL_FIELD, "id": "tower"}]},
            "a field that is no name": {"fields": [{**EMAIL_FIELD, "id": "e-mail"}]},
            "an unknown property": {"fields": [{**EMAIL_FIELD, "colour": "blue"}]},
            "a number": {"fields": [{**EMAIL_FIELD, "type": "number"}]},
            "a secret that is no text": {"fields": [{**EMAIL_FIELD, "type": "boolean", "secret": True}]},
            "a default of another type": {"fields": [{**EMAIL_FIELD, "default": 1}]},
            "a question at runtime": {"fields": [{**EMAIL_FIELD, "ask_at_runtime": True}]},
            "something required that is no name": {"fields": [EMAIL_FIELD], "required": [1]},
        }.items()
    },
    **{
        f"with {wrong}": ("injectors", {**TYPE, "injectors": value})
        for wrong, value in {
            "a setting of Ansible": {"env": {"ANSIBLE_CONFIG": "{{ email }}"}},
            "a search path": {"env": {"PATH": "{{ email }}"}},
            "the number of the job": {"env": {"JOB_ID": "1"}},
            "a variable that is no name": {"env": {"E-MAIL": "{{ email }}"}},
            "a value that is not ASCII": {"env": {"EMAIL": "{{ email }} ü"}},
            "a value that is no text": {"env": {"EMAIL": 1}},
            "a field that is not defined": {"env": {"EMAIL": "{{ mail }}"}},
            "the name of a file that is none": {"env": {"EMAIL": "{{ tower.filename }}"}},
            "a template that is none": {"env": {"EMAIL": "{{ email"}},
            "code": {"env": {"EMAIL": "{{ email.__class__.__mro__ }}"}},
            "an unknown place": {"environment": {"EMAIL": "{{ email }}"}},
        }.items()
    },
}


@pytest.fixture
def awx() -> Iterator[AwxService]:
    with listening() as service:
        yield service


def sent(awx: AwxService, path: str, body: Any, token: str = AwxService.TOKEN) -> requests.Response:
    authorization = {"Authorization": f"Bearer {token}"}
    return requests.post(f"{awx.url}{path}", json=body, headers=authorization, timeout=10, allow_redirects=False)


def test_the_stand_in_takes_a_credential_type_that_is_right_and_ignores_a_field_that_it_does_not_know(
    awx: AwxService,
) -> None:
    assert sent(awx, "/api/v2/credential_types/", {**TYPE, "colour": "blue"}).status_code == 201
    assert sent(awx, "/api/v2/credential_types/", TYPE).status_code == 400, "there is one of that name"


@pytest.mark.parametrize(("field", "broken"), BROKEN_TYPES.values(), ids=BROKEN_TYPES.keys())
def test_the_stand_in_refuses_a_credential_type_that_awx_would_refuse(
    awx: AwxService, field: str, broken: Values
) -> None:
    answer = sent(awx, "/api/v2/credential_types/", broken)
    assert answer.status_code == 400
    assert set(answer.json()) == {field}


QUESTION: Values = {
    "question_name": "Which",
    "variable": "which",
    "type": "multiplechoice",
    "choices": ["this", "that"],
    "default": "this",
    "required": True,
}
BROKEN_SURVEYS: dict[str, Any] = {
    "without a name": {"description": "", "spec": [QUESTION]},
    "without a description": {"name": "", "spec": [QUESTION]},
    "without questions": {"name": "", "description": "", "spec": []},
    "with a question twice": {"name": "", "description": "", "spec": [QUESTION, QUESTION]},
    **{
        f"with {name}": {"name": "", "description": "", "spec": [{**QUESTION, **changes}]}
        for name, changes in {
            "an unknown type": {"type": "choice"},
            "a default that is no choice": {"default": "another"},
            "a default that is no text": {"default": True},
            "two defaults": {"default": "this\nthat"},
            "choices that are no texts": {"choices": [True, False], "default": ""},
            "no name": {"question_name": None},
            "a text for required": {"required": "yes"},
            "a limit that is no number": {"type": "text", "max": "many"},
        }.items()
    },
}


@pytest.mark.parametrize("broken", BROKEN_SURVEYS.values(), ids=BROKEN_SURVEYS.keys())
def test_the_stand_in_refuses_a_survey_that_awx_would_refuse(ready: Setup, broken: Values) -> None:
    url = ready.one("job_templates")["url"]
    assert sent(ready.awx, f"{url}survey_spec/", broken).status_code == 400


def test_the_stand_in_takes_a_survey_with_a_key_that_it_does_not_know(
    ready: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = ready.awx.awx.find("job_templates", ready.one("job_templates")["id"])
    monkeypatch.setattr(template, "survey", template.survey)
    survey = {"name": "", "description": "", "spec": [{**QUESTION, "help": "none"}]}
    assert sent(ready.awx, f"{template.url}survey_spec/", survey).status_code == 200


BROKEN_NODES: dict[str, tuple[str, Values]] = {
    "what is not asked for": ("forks", {"forks": 7}),
    "a question with what is no choice": (
        "variables_needed_to_start",
        {"extra_data": {"link_update_create_backup": "sometimes"}},
    ),
    "a question with what is no text": (
        "variables_needed_to_start",
        {"extra_data": {"link_update_app_links_authorized": True}},
    ),
    "with a template that is none": ("unified_job_template", {"unified_job_template": 4711}),
}


@pytest.mark.parametrize(("field", "broken"), BROKEN_NODES.values(), ids=BROKEN_NODES.keys())
def test_the_stand_in_refuses_a_node_that_answers_what_its_template_does_not_ask(
    ready: Setup, field: str, broken: Values
) -> None:
    node = {
        "workflow_job_template": ready.one("workflow_job_templates")["id"],
        "unified_job_template": ready.one("job_templates")["id"],
        "identifier": "another",
    }
    answer = sent(ready.awx, "/api/v2/workflow_job_template_nodes/", {**node, **broken})
    assert answer.status_code == 400
    assert set(answer.json()) == {field}


def test_the_stand_in_refuses_a_workflow_that_leads_back_to_where_it_began(ready: Setup) -> None:
    nodes = {node["identifier"]: node for node in ready.awx.awx.all("workflow_job_template_nodes")}
    back = sent(ready.awx, f"{nodes['collect']['url']}success_nodes/", {"id": nodes["submit"]["id"]})
    assert back.status_code == 400


def test_the_stand_in_refuses_a_playbook_that_the_project_has_not_got(ready: Setup) -> None:
    template = ready.one("job_templates")
    wrong = {"name": "Another", "project": template["project"], "inventory": template["inventory"]}
    assert sent(ready.awx, "/api/v2/job_templates/", {**wrong, "playbook": "link_update.yml"}).status_code == 400
    assert sent(ready.awx, "/api/v2/job_templates/", {**wrong, "playbook": "galaxy.yml"}).status_code == 400


def test_the_stand_in_refuses_more_forks_than_awx_allows(ready: Setup) -> None:
    answer = requests.patch(
        f"{ready.awx.url}{ready.one('job_templates')['url']}",
        json={"forks": 201},
        headers={"Authorization": f"Bearer {AwxService.TOKEN}"},
        timeout=10,
    )
    assert (answer.status_code, set(answer.json())) == (400, {"forks"})


def test_the_stand_in_knows_nobody_without_a_token_and_no_other_address(awx: AwxService) -> None:
    assert sent(awx, "/api/v2/credential_types/", TYPE, token="another").status_code == 401
    assert sent(awx, "/api/v2/credential_kinds/", TYPE).status_code == 404


def test_the_stand_in_sends_whoever_forgets_the_last_slash_to_the_address_with_it(awx: AwxService) -> None:
    answer = sent(awx, "/api/v2/credential_types", TYPE)
    assert (answer.status_code, answer.headers["Location"]) == (301, "/api/v2/credential_types/")


# -- What AWX makes of what was set up


def inventory_of(setup: Setup) -> Values:
    """The group of the instances, as an inventory has it."""
    group = setup.one("groups")
    assert group["name"] == "federated_instances"
    members = setup.awx.awx.find("groups", group["id"]).associated["hosts"]
    hosts = [setup.awx.awx.find("hosts", each).values for each in members]
    return {
        "hosts": {host["name"]: json.loads(host["variables"]) for host in hosts},
        "vars": json.loads(group["variables"]),
    }


def environment_of(setup: Setup) -> dict[str, str]:
    """What the credential puts into the environment of a job."""
    credential = setup.awx.awx.find("credentials", setup.one("credentials")["id"]).values
    templates = setup.one("credential_types")["injectors"]["env"]
    return {name: Template(template).render(credential["inputs"]) for name, template in templates.items()}
