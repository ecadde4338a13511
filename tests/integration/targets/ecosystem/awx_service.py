# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for AWX 24.6: the part of its API that sets up job templates and workflows, kept in memory.

It knows the fields and the rules that AWX has for them. What AWX ignores is ignored here as well: fields that it does
not have, and keys of survey questions that it does not know. Nothing is ever launched, except that a project is updated
when its source is set, from a folder that stands for the repository.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as attribute
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import yaml
from jinja2 import StrictUndefined, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

VERSION = "24.6.1"
ENCRYPTED = "$encrypted$"
Values = dict[str, Any]


class Refused(Exception):
    """A request that is answered with an error."""

    def __init__(self, status: int, body: Any) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


def invalid(name: str, message: str) -> Refused:
    """A field with a value that it cannot have."""
    return Refused(400, {name: [message]})


def not_found() -> Refused:
    return Refused(404, {"detail": "Not found."})


def not_allowed() -> Refused:
    return Refused(405, {"detail": "Method not allowed."})


# -- The objects and their fields

#: What the types of a credential's inputs are called.
TYPES = {"string": str, "boolean": bool}


def is_a(kind: type, value: Any) -> bool:
    """Whether a value is of this type; to JSON, a truth value is no number."""
    return isinstance(value, kind) and (kind is not int or not isinstance(value, bool))


@dataclass(frozen=True)
class Field:
    """What a field may hold, and what it holds when nothing is said."""

    type: type
    default: Any = None
    required: bool = False
    choices: tuple[Any, ...] = ()
    #: The endpoint of the object that it names by its id.
    refers_to: str = ""
    #: Shown, and ignored when it is sent.
    read_only: bool = False
    #: What null stands for; None where it is a value of its own.
    null: Any = None

    def checked(self, name: str, value: Any) -> Any:
        if value is None:
            if self.required or (self.null is None and self.default is not None):
                raise invalid(name, "This field may not be null.")
            return self.null
        if not is_a(self.type, value):
            raise invalid(name, f"Expected {self.type.__name__}, received {type(value).__name__}.")
        if self.required and value == "":
            raise invalid(name, "This field may not be blank.")
        if self.choices and value not in self.choices:
            raise invalid(name, f'"{value}" is not a valid choice.')
        return value


def text(*choices: str, required: bool = False) -> Field:
    return Field(str, "", required, choices, null="")


def flag(default: bool = False) -> Field:
    return Field(bool, default, null=False)


def number(default: int = 0) -> Field:
    return Field(int, default)


def document() -> Field:
    return Field(dict, {})


def link(endpoint: str, required: bool = False) -> Field:
    return Field(int, None, required, refers_to=endpoint)


def prompted(kind: type = str, *choices: Any) -> Field:
    """An answer in advance to what a template asks on launch; null is none."""
    return Field(kind, None, choices=choices)


def shown(default: Any = None) -> Field:
    return Field(object, default, read_only=True)


NAMED = {"name": text(required=True), "description": text()}
ASKED_BY_JOB_TEMPLATES = {
    "scm_branch": "ask_scm_branch_on_launch",
    "diff_mode": "ask_diff_mode_on_launch",
    "limit": "ask_limit_on_launch",
    "job_tags": "ask_tags_on_launch",
    "skip_tags": "ask_skip_tags_on_launch",
    "job_type": "ask_job_type_on_launch",
    "verbosity": "ask_verbosity_on_launch",
    "inventory": "ask_inventory_on_launch",
    "execution_environment": "ask_execution_environment_on_launch",
    "forks": "ask_forks_on_launch",
    "job_slice_count": "ask_job_slice_count_on_launch",
    "timeout": "ask_timeout_on_launch",
}


@dataclass(frozen=True)
class Kind:
    """A kind of objects, which live at one endpoint."""

    type: str
    fields: dict[str, Field]
    #: No two of them agree in all of these.
    unique: tuple[str, ...]
    #: What an object can be asked for or associated with, and where those are; "" where it is no list of objects.
    related: dict[str, str] = attribute(default_factory=dict)


NODES = "workflow_job_template_nodes"
KINDS = {
    "organizations": Kind("organization", NAMED, ("name",)),
    "credential_types": Kind(
        "credential_type",
        {
            **NAMED,
            "kind": text("cloud", "net", required=True),
            "inputs": document(),
            "injectors": document(),
            "managed": shown(False),
            "namespace": shown(),
        },
        ("name", "kind"),
    ),
    "credentials": Kind(
        "credential",
        {
            **NAMED,
            "organization": link("organizations"),
            "credential_type": link("credential_types", required=True),
            "inputs": document(),
            "managed": shown(False),
            "kind": shown(),
            "cloud": shown(),
            "kubernetes": shown(),
        },
        ("name", "organization", "credential_type"),
    ),
    "execution_environments": Kind(
        "execution_environment",
        {
            **NAMED,
            "organization": link("organizations"),
            "image": text(required=True),
            "credential": link("credentials"),
            "pull": text("", "always", "missing", "never"),
            "managed": shown(False),
        },
        ("name",),
    ),
    "projects": Kind(
        "project",
        {
            **NAMED,
            "organization": link("organizations"),
            "local_path": text(),
            "scm_type": text("", "git", "svn", "insights", "archive"),
            "scm_url": text(),
            "scm_branch": text(),
            "scm_refspec": text(),
            "scm_clean": flag(),
            "scm_track_submodules": flag(),
            "scm_delete_on_update": flag(),
            "credential": link("credentials"),
            "timeout": number(),
            "scm_update_on_launch": flag(),
            "scm_update_cache_timeout": number(),
            "allow_override": flag(),
            "default_environment": link("execution_environments"),
            "signature_validation_credential": link("credentials"),
            "custom_virtualenv": shown(),
            "scm_revision": shown(""),
            "status": shown("never updated"),
        },
        ("name", "organization"),
    ),
    "inventories": Kind(
        "inventory",
        {
            **NAMED,
            "organization": link("organizations", required=True),
            "kind": text("", "smart", "constructed"),
            "host_filter": prompted(),
            "variables": text(),
            "prevent_instance_group_fallback": flag(),
        },
        ("name", "organization"),
    ),
    "hosts": Kind(
        "host",
        {
            **NAMED,
            "inventory": link("inventories", required=True),
            "enabled": flag(default=True),
            "instance_id": text(),
            "variables": text(),
        },
        ("name", "inventory"),
    ),
    "groups": Kind(
        "group",
        {**NAMED, "inventory": link("inventories", required=True), "variables": text()},
        ("name", "inventory"),
        {"hosts": "hosts", "children": "groups"},
    ),
    "job_templates": Kind(
        "job_template",
        {
            **NAMED,
            "job_type": Field(str, "run", choices=("run", "check")),
            "inventory": link("inventories"),
            "project": link("projects", required=True),
            "playbook": text(),
            "scm_branch": text(),
            "forks": number(),
            "limit": text(),
            "verbosity": number(),
            "extra_vars": text(),
            "job_tags": text(),
            "force_handlers": flag(),
            "skip_tags": text(),
            "start_at_task": text(),
            "timeout": number(),
            "use_fact_cache": flag(),
            "execution_environment": link("execution_environments"),
            "host_config_key": text(),
            **{asked: flag() for asked in ASKED_BY_JOB_TEMPLATES.values()},
            "ask_variables_on_launch": flag(),
            "ask_credential_on_launch": flag(),
            "ask_labels_on_launch": flag(),
            "ask_instance_groups_on_launch": flag(),
            "survey_enabled": flag(),
            "become_enabled": flag(),
            "diff_mode": flag(),
            "allow_simultaneous": flag(),
            "job_slice_count": number(1),
            "webhook_service": text("", "github", "gitlab", "bitbucket_dc"),
            "webhook_credential": link("credentials"),
            "prevent_instance_group_fallback": flag(),
            # That of its project.
            "organization": shown(),
            "custom_virtualenv": shown(),
            "status": shown("never updated"),
        },
        ("name", "organization"),
        {"survey_spec": "", "credentials": "credentials"},
    ),
    "workflow_job_templates": Kind(
        "workflow_job_template",
        {
            **NAMED,
            "extra_vars": text(),
            "organization": link("organizations"),
            "survey_enabled": flag(),
            "allow_simultaneous": flag(),
            "ask_variables_on_launch": flag(),
            "inventory": link("inventories"),
            "limit": prompted(),
            "scm_branch": prompted(),
            "skip_tags": prompted(),
            "job_tags": prompted(),
            "ask_inventory_on_launch": flag(),
            "ask_scm_branch_on_launch": flag(),
            "ask_limit_on_launch": flag(),
            "ask_labels_on_launch": flag(),
            "ask_skip_tags_on_launch": flag(),
            "ask_tags_on_launch": flag(),
            "webhook_service": text("", "github", "gitlab", "bitbucket_dc"),
            "webhook_credential": link("credentials"),
            "status": shown("never updated"),
        },
        ("name", "organization"),
        {"survey_spec": ""},
    ),
    NODES: Kind(
        "workflow_job_template_node",
        {
            "workflow_job_template": link("workflow_job_templates", required=True),
            "unified_job_template": link("unified_job_templates"),
            "identifier": text(),
            "all_parents_must_converge": flag(),
            "extra_data": document(),
            "inventory": link("inventories"),
            "execution_environment": link("execution_environments"),
            "scm_branch": prompted(),
            "job_type": prompted(str, "run", "check"),
            "job_tags": prompted(),
            "skip_tags": prompted(),
            "limit": prompted(),
            "diff_mode": prompted(bool),
            "verbosity": prompted(int, *range(6)),
            "forks": prompted(int),
            "job_slice_count": prompted(int),
            "timeout": prompted(int),
        },
        ("identifier", "workflow_job_template"),
        {"success_nodes": NODES, "failure_nodes": NODES, "always_nodes": NODES, "create_approval_template": ""},
    ),
    # Created by way of its node.
    "workflow_approval_templates": Kind("workflow_approval_template", {**NAMED, "timeout": number()}, ()),
    "project_updates": Kind("project_update", {"project": shown(), "status": shown(), "failed": shown()}, ()),
}
UNIFIED = ("projects", "job_templates", "workflow_job_templates", "workflow_approval_templates")
LINKS = ("success_nodes", "failure_nodes", "always_nodes")
#: AWX's own limit, its setting MAX_FORKS.
MAX_FORKS = 200


# -- The rules of credential types


INPUT_PROPERTIES = {
    "id": str,
    "label": str,
    "type": str,
    "format": str,
    "choices": list,
    "help_text": str,
    "multiline": bool,
    "secret": bool,
    "ask_at_runtime": bool,
    "default": object,
}
OF_TEXTS_ONLY = ("choices", "multiline", "format", "secret")
NAME_OF_A_VARIABLE = re.compile(r"[a-zA-Z_]+[a-zA-Z0-9_]*")
PLACES_OF_INJECTION = {
    "env": NAME_OF_A_VARIABLE,
    "file": re.compile(r"template(\.[a-zA-Z_]+[a-zA-Z0-9_]*)?"),
    "extra_vars": re.compile(r"[a-zA-Z_{}]+[a-zA-Z0-9_{}]*"),
}
ENV_BLOCKLIST = {
    *("VIRTUAL_ENV", "PATH", "PYTHONPATH", "JOB_ID", "INVENTORY_ID", "INVENTORY_SOURCE_ID", "INVENTORY_UPDATE_ID"),
    *("AD_HOC_COMMAND_ID", "REST_API_URL", "REST_API_TOKEN", "MAX_EVENT_RES", "CALLBACK_QUEUE", "CALLBACK_CONNECTION"),
    *("CACHE", "JOB_CALLBACK_DEBUG", "INVENTORY_HOSTVARS", "AWX_HOST", "PROJECT_REVISION", "SUPERVISOR_CONFIG_PATH"),
}


def check_inputs(inputs: Values) -> None:
    """The C(inputs) of a credential type; a field without a type is made a text."""
    _only(inputs, ("fields", "required"), "inputs")
    seen: set[str] = set()
    for field in inputs.get("fields", []):
        _check_input(field)
        if field["id"] in seen:
            raise invalid("inputs", f"field IDs must be unique ({field['id']})")
        seen.add(field["id"])
    required = inputs.get("required", [])
    if not isinstance(required, list) or not all(isinstance(each, str) for each in required):
        raise invalid("inputs", "required is to be a list of texts")


def _check_input(field: Any) -> None:
    if not isinstance(field, dict):
        raise invalid("inputs", f"{type(field).__name__} provided, expected dict")
    _only(field, tuple(INPUT_PROPERTIES), "inputs")
    for name, value in field.items():
        if not isinstance(value, INPUT_PROPERTIES[name]):
            raise invalid("inputs", f"{type(value).__name__} provided for {name}")
    for name in ("id", "label"):
        if name not in field:
            raise invalid("inputs", f"'{name}' is a required property")
    if not NAME_OF_A_VARIABLE.fullmatch(field["id"]):
        raise invalid("inputs", f"{field['id']} is an invalid variable name")
    if field["id"] == "tower":
        raise invalid("inputs", '"tower" is a reserved field name')
    kind = field.setdefault("type", "string")
    if kind not in TYPES:
        raise invalid("inputs", f"{kind} is not one of string, boolean")
    if field.get("format", "url") not in ("ssh_private_key", "url"):
        raise invalid("inputs", f"{field['format']} is not a format")
    if "default" in field and not is_a(TYPES[kind], field["default"]):
        raise invalid("inputs", f"{field['default']} is not a {kind}")
    for name in OF_TEXTS_ONLY:
        if name in field and kind != "string":
            raise invalid("inputs", f"{name} not allowed for {kind} type ({field['id']})")
    if field.get("ask_at_runtime"):
        raise invalid("inputs", "'ask_at_runtime' is not supported for custom credentials.")


def check_injectors(injectors: Values, inputs: Values) -> None:
    """The C(injectors) of a credential type, which may use what its inputs define."""
    _only(injectors, tuple(PLACES_OF_INJECTION), "injectors")
    namespace: Values = {field["id"]: "EXAMPLE" for field in inputs.get("fields", [])}
    if "template" in injectors.get("file", {}):
        namespace["tower"] = {"filename": "EXAMPLE_FILENAME"}
    for place, templates in injectors.items():
        for name, template in templates.items():
            if not PLACES_OF_INJECTION[place].fullmatch(name):
                raise invalid("injectors", f"'{name}' is not a name for {place}")
            if place == "env":
                _check_environment_variable(name, template)
            _check_template(name, template, namespace)


def _check_environment_variable(name: str, template: Any) -> None:
    if name.startswith("ANSIBLE_"):
        raise invalid("injectors", f"Environment variable {name} may affect Ansible configuration.")
    if name in ENV_BLOCKLIST:
        raise invalid("injectors", f"Environment variable {name} is not allowed to be used in credentials.")
    if isinstance(template, str) and not template.isascii():
        raise invalid("injectors", f"{name} is not ASCII")


def _check_template(name: str, template: Any, namespace: Values) -> None:
    if not isinstance(template, str):
        raise invalid("injectors", f"{type(template).__name__} provided for {name}, expected str")
    try:
        ImmutableSandboxedEnvironment(undefined=StrictUndefined).from_string(template).render(namespace)
    except UndefinedError as error:
        raise invalid("injectors", f"{name} uses an undefined field ({error})") from error
    except SecurityError as error:
        raise invalid("injectors", f"Encountered unsafe code execution: {error}") from error
    except TemplateSyntaxError as error:
        raise invalid("injectors", f"Syntax error rendering template for {name} ({error})") from error


def _only(values: Any, known: tuple[str, ...], name: str) -> None:
    if not isinstance(values, dict):
        raise invalid(name, f"{type(values).__name__} provided, expected dict")
    for each in values:
        if each not in known:
            raise invalid(name, f"Additional properties are not allowed ('{each}' was unexpected)")


# -- The rules of surveys


SURVEY_TYPES: dict[str, tuple[type, ...]] = {
    "text": (str,),
    "textarea": (str,),
    "password": (str,),
    "multiplechoice": (str,),
    "multiselect": (str,),
    "integer": (int,),
    "float": (float, int),
}
QUESTION_KEYS = {"type": str, "question_name": str, "variable": str, "required": bool}


def check_survey(survey: Values) -> None:
    for name, kind in (("name", str), ("description", str), ("spec", list)):
        if name not in survey:
            raise Refused(400, {"error": f"Field '{name}' is missing from survey spec."})
        if not isinstance(survey[name], kind):
            raise Refused(400, {"error": f"Expected {kind.__name__} for field '{name}'."})
    if not survey["spec"]:
        raise Refused(400, {"error": "'spec' doesn't contain any items."})
    seen: set[str] = set()
    for question in survey["spec"]:
        _check_question(question)
        if question["variable"] in seen:
            raise Refused(400, {"error": f"'variable' '{question['variable']}' duplicated in survey."})
        seen.add(question["variable"])


def _check_question(question: Any) -> None:
    if not isinstance(question, dict):
        raise Refused(400, {"error": "Survey question is not a json object."})
    for name, kind in QUESTION_KEYS.items():
        if not isinstance(question.get(name), kind):
            raise Refused(400, {"error": f"'{name}' of survey question expected to be {kind.__name__}."})
    kind = question["type"]
    if kind not in SURVEY_TYPES:
        raise Refused(400, {"error": f"'{kind}' is not one of '{', '.join(SURVEY_TYPES)}' allowed question types."})
    default = question.get("default", "")
    if default != "" and type(default) not in SURVEY_TYPES[kind]:
        raise Refused(400, {"error": f"Default value {default} expected to be {kind}."})
    for name in ("min", "max"):
        if type(question.get(name, 0)) not in (int, type(None)):
            raise Refused(400, {"error": f"The {name} limit expected to be integer."})
    if kind in ("multiplechoice", "multiselect"):
        _check_choices(question)


def _check_choices(question: Values) -> None:
    if "choices" not in question:
        raise Refused(400, {"error": f"Survey question of type {question['type']} must specify choices."})
    choices = question["choices"]
    # AWX looks for a default in the choices, even where they are one text; and does not mind what else they are.
    choices = choices.splitlines() if isinstance(choices, str) else choices
    if not isinstance(choices, list) or not all(isinstance(choice, str) for choice in choices):
        raise Refused(400, {"error": "Choices are to be texts."})
    defaults = question.get("default", "").splitlines()
    if question["type"] == "multiplechoice" and len(defaults) > 1:
        raise Refused(400, {"error": "Multiple Choice (Single Select) can only have one default value."})
    if any(default not in choices for default in defaults):
        raise Refused(400, {"error": "Default choice must be answered from the choices listed."})


def check_answer(question: Values, answer: Any) -> None:
    said = f"Value {answer} for '{question['variable']}' expected to be"
    if type(answer) not in SURVEY_TYPES[question["type"]]:
        raise invalid("variables_needed_to_start", f"{said} {question['type']}.")
    if question["type"] == "multiplechoice" and answer not in question["choices"]:
        raise invalid("variables_needed_to_start", f"{said} one of the choices.")


# -- Projects


MAY_BEGIN_A_PLAY = re.compile(r"^\s*?-?\s*?(?:hosts|(ansible\.builtin\.)?(include|import_playbook)):", re.MULTILINE)
NO_PLAYBOOKS_IN = {"roles", "tasks", "group_vars", "host_vars"}


def playbooks_of(checkout: Path) -> Iterator[str]:
    """What AWX offers as playbooks of a project."""
    for path in sorted(checkout.rglob("*.y*ml")):
        relative = path.relative_to(checkout)
        hidden = any(part.startswith(".") or part in NO_PLAYBOOKS_IN for part in relative.parent.parts)
        if not hidden and MAY_BEGIN_A_PLAY.search(path.read_text(encoding="utf-8", errors="ignore")):
            yield str(relative)


# -- The controller


@dataclass
class Object:
    """Something that was set up."""

    endpoint: str
    id: int
    values: Values
    survey: Values = attribute(default_factory=dict)
    associated: dict[str, list[int]] = attribute(default_factory=dict)
    playbooks: list[str] = attribute(default_factory=list)
    update: int | None = None

    @property
    def url(self) -> str:
        return f"/api/v2/{self.endpoint}/{self.id}/"


@dataclass(frozen=True)
class Request:
    """A request that was received."""

    method: str
    path: str
    body: Any


class Awx:
    """The state of a controller and what it does when it is asked, without any network."""

    def __init__(self, repositories: dict[str, Path]) -> None:
        #: The URL of a repository -> a folder with what is in it.
        self.repositories = repositories
        self._objects: dict[int, Object] = {}
        self._ids = count(1)
        self._add("organizations", {"name": "Default", "description": ""})

    # -- What tests ask

    def all(self, endpoint: str) -> list[Values]:
        return [self._show(each) for each in self._at(endpoint)]

    def one(self, endpoint: str) -> Values:
        (only,) = self.all(endpoint)
        return only

    def find(self, endpoint: str, number: int) -> Object:
        found = self._objects.get(number)
        if found is None or found.endpoint not in _endpoints(endpoint):
            raise not_found()
        return found

    # -- What clients ask

    def answer(self, method: str, path: str, query: list[tuple[str, str]], body: Any) -> tuple[int, Any]:
        match = re.fullmatch(r"/api/v2/([a-z_]+)/(?:(\d+)/(?:([a-z_]+)/)?)?", path)
        if not match:
            raise not_found()
        endpoint, number, sub = match.groups()
        if number is None:
            return self._at_list(method, endpoint, query, body)
        target = self.find(endpoint, int(number))
        if sub is None:
            return self._at_object(method, target, body)
        if sub not in KINDS[target.endpoint].related:
            raise not_found()
        if sub == "survey_spec":
            return self._at_survey(method, target, body)
        if sub == "create_approval_template":
            return self._at_approval(method, target, body)
        return self._at_association(method, target, sub, body)

    def _at_list(self, method: str, endpoint: str, query: list[tuple[str, str]], body: Any) -> tuple[int, Any]:
        if endpoint not in (*KINDS, "unified_job_templates"):
            raise not_found()
        if method == "GET":
            return 200, _page([self._show(each) for each in self._at(endpoint) if _matches(self._show(each), query)])
        if method != "POST" or endpoint not in KINDS or not KINDS[endpoint].unique:
            raise not_allowed()
        return 201, self._show(self._create(endpoint, body))

    def _at_object(self, method: str, target: Object, body: Any) -> tuple[int, Any]:
        if method == "PATCH":
            self._change(target, body)
        elif method != "GET":
            raise not_allowed()
        return 200, self._show(target)

    def _at_survey(self, method: str, target: Object, body: Any) -> tuple[int, Any]:
        if method == "GET":
            return 200, target.survey
        if method != "POST":
            raise not_allowed()
        check_survey(body)
        target.survey = body
        return 200, None

    def _at_approval(self, method: str, node: Object, body: Any) -> tuple[int, Any]:
        if method != "POST":
            raise not_allowed()
        template = self._create("workflow_approval_templates", body)
        node.values["unified_job_template"] = template.id
        return 201, self._show(template)

    def _at_association(self, method: str, target: Object, relation: str, body: Any) -> tuple[int, Any]:
        associated = target.associated.setdefault(relation, [])
        endpoint = KINDS[target.endpoint].related[relation]
        if method == "GET":
            return 200, _page([self._show(self.find(endpoint, each)) for each in associated])
        if method != "POST":
            raise not_allowed()
        other = self.find(endpoint, body["id"])
        if body.get("disassociate"):
            associated.remove(other.id)
        else:
            self._check_association(target, relation, other)
            associated.append(other.id)
        return 204, None

    # -- Creating and changing

    def _create(self, endpoint: str, body: Any) -> Object:
        values = {name: field.default for name, field in KINDS[endpoint].fields.items()}
        given = self._checked(endpoint, body)
        for name, field in KINDS[endpoint].fields.items():
            if field.required and not given.get(name, values[name]):
                raise invalid(name, "This field is required.")
        return self._settle(endpoint, {**values, **given}, None)

    def _change(self, target: Object, body: Any) -> None:
        self._settle(target.endpoint, {**target.values, **self._checked(target.endpoint, body)}, target)

    def _settle(self, endpoint: str, values: Values, old: Object | None) -> Object:
        """Make the values those of a new object or of an old one, unless a rule is against it."""
        rule = getattr(self, f"_check_{KINDS[endpoint].type}", None)
        if rule:
            rule(values, old)
        self._check_unique(endpoint, values, old)
        source = ("scm_type", "scm_url", "scm_branch", "scm_refspec")
        moved = old is None or any(old.values.get(name) != values.get(name) for name in source)
        if old:
            old.values = values
        target = old or self._add(endpoint, values)
        if endpoint == "projects" and values["scm_type"] and moved:
            self._update(target)
        return target

    def _check_unique(self, endpoint: str, values: Values, old: Object | None) -> None:
        unique = KINDS[endpoint].unique
        for other in self._at(endpoint):
            if unique and other is not old and all(other.values[name] == values[name] for name in unique):
                raise invalid("__all__", f"{KINDS[endpoint].type} with this {' and '.join(unique)} already exists.")

    def _checked(self, endpoint: str, body: Any) -> Values:
        """What a client sent for an object, without what is ignored."""
        if not isinstance(body, dict):
            raise Refused(400, {"detail": "JSON parse error"})
        given = {}
        for name, value in body.items():
            field = KINDS[endpoint].fields.get(name)
            if field and not field.read_only:
                given[name] = field.checked(name, value)
                self._check_link(field, name, given[name])
                _check_variables(name, given[name])
        return given

    def _check_link(self, field: Field, name: str, value: Any) -> None:
        if field.refers_to and value is not None:
            try:
                self.find(field.refers_to, value)
            except Refused as error:
                raise invalid(name, f'Invalid pk "{value}" - object does not exist.') from error

    # -- The rules of each kind

    def _check_credential_type(self, values: Values, old: Object | None) -> None:
        check_inputs(values["inputs"])
        check_injectors(values["injectors"], values["inputs"])
        used = old and any(each.values["credential_type"] == old.id for each in self._at("credentials"))
        if old and used and values["inputs"] != old.values["inputs"]:
            raise Refused(
                403, {"detail": "Modifications to inputs are not allowed for credential types that are in use"}
            )

    def _check_credential(self, values: Values, old: Object | None) -> None:
        if values["organization"] is None:
            raise Refused(400, {"detail": "Missing 'user', 'team', or 'organization'."})
        fields = self._inputs_of(values)
        for name, value in values["inputs"].items():
            if name not in fields:
                raise invalid("inputs", f"Additional properties are not allowed ('{name}' was unexpected)")
            if not is_a(TYPES[fields[name]["type"]], value):
                raise invalid("inputs", f"{name} is not a {fields[name]['type']}")
            if fields[name].get("secret") and value == ENCRYPTED:
                if old is None:
                    raise invalid("inputs", f"$encrypted$ is a reserved keyword, and cannot be used for {name}.")
                values["inputs"] = {**values["inputs"], name: old.values["inputs"][name]}

    def _check_execution_environment(self, values: Values, old: Object | None) -> None:
        if old and values["organization"] not in (None, old.values["organization"]):
            raise invalid("organization", "Cannot change the organization of an execution environment")

    def _check_project(self, values: Values, old: Object | None) -> None:
        if values["scm_refspec"] and values["scm_type"] != "git":
            raise invalid("scm_refspec", "SCM refspec can only be used with git projects.")
        if values["scm_type"] and not values["scm_url"]:
            raise invalid("scm_url", "SCM URL is required.")

    def _check_group(self, values: Values, old: Object | None) -> None:
        if values["name"] in ("all", "_meta"):
            raise invalid("name", "Invalid group name.")

    def _check_job_template(self, values: Values, old: Object | None) -> None:
        project = self.find("projects", values["project"])
        values["organization"] = project.values["organization"]
        if values["inventory"] is None and not values["ask_inventory_on_launch"]:
            raise invalid("inventory", "You must either set a default value or ask to prompt on launch.")
        if values["playbook"] not in project.playbooks:
            raise invalid("playbook", "Playbook not found for project.")
        if values["forks"] > MAX_FORKS:
            raise invalid("forks", f"Maximum number of forks ({MAX_FORKS}) exceeded.")
        if (values["scm_branch"] or values["ask_scm_branch_on_launch"]) and not project.values["allow_override"]:
            raise invalid("scm_branch", "Project does not allow overriding branch.")

    def _check_workflow_job_template_node(self, values: Values, old: Object | None) -> None:
        """What a node answers in advance is what its template asks for."""
        if values["unified_job_template"] is None:
            return
        template = self.find("unified_job_templates", values["unified_job_template"])
        for name, asked in ASKED_BY_JOB_TEMPLATES.items():
            answered = values[name] is not None and values[name] != template.values.get(name)
            if answered and not template.values.get(asked):
                raise invalid(name, "Field is not configured to prompt on launch.")
        survey = template.survey if template.values.get("survey_enabled") else {}
        questions = {each["variable"]: each for each in survey.get("spec", [])}
        for name, answer in values["extra_data"].items():
            if name in questions:
                check_answer(questions[name], answer)
            elif not template.values.get("ask_variables_on_launch"):
                raise invalid("extra_data", f"Variables {name} are not allowed on launch.")

    def _check_association(self, target: Object, relation: str, other: Object) -> None:
        if target.endpoint == "groups" and target.values["inventory"] != other.values["inventory"]:
            raise Refused(400, {"detail": "Cannot associate two items from different inventories."})
        if relation == "credentials":
            kinds = [self.find("credentials", each).values["credential_type"] for each in target.associated[relation]]
            if other.values["credential_type"] in kinds:
                raise Refused(400, {"error": "Cannot assign multiple credentials of one type."})
        if relation in LINKS:
            self._check_link_of_nodes(target, relation, other)

    def _check_link_of_nodes(self, parent: Object, relation: str, child: Object) -> None:
        if parent.values["workflow_job_template"] != child.values["workflow_job_template"]:
            raise Refused(400, {"detail": "Cannot associate nodes of different workflows."})
        if any(child.id in parent.associated.get(each, []) for each in LINKS if each != relation):
            raise Refused(400, {"Error": "Relationship not allowed."})
        reachable = [child.id]
        for node in reachable:
            reachable += [each for name in LINKS for each in self._objects[node].associated.get(name, [])]
            if parent.id in reachable:
                raise Refused(400, {"Error": "Cycle detected."})

    # -- The rest

    def _update(self, project: Object) -> None:
        checkout = self.repositories.get(project.values["scm_url"])
        project.playbooks = list(playbooks_of(checkout)) if checkout else []
        status = "successful" if checkout else "failed"
        project.values.update(status=status, scm_revision="0123456789abcdef" if checkout else "")
        update = {"project": project.id, "status": status, "failed": checkout is None}
        project.update = self._add("project_updates", update).id

    def _add(self, endpoint: str, values: Values) -> Object:
        added = Object(endpoint, next(self._ids), values)
        self._objects[added.id] = added
        return added

    def _at(self, endpoint: str) -> list[Object]:
        return [each for each in self._objects.values() if each.endpoint in _endpoints(endpoint)]

    def _inputs_of(self, credential: Values) -> dict[str, Values]:
        inputs = self.find("credential_types", credential["credential_type"]).values["inputs"]
        return {field["id"]: field for field in inputs.get("fields", [])}

    def _show(self, target: Object) -> Values:
        values = dict(target.values)
        if target.endpoint == "credentials":
            secret = {name for name, field in self._inputs_of(values).items() if field.get("secret")}
            values["inputs"] = {name: ENCRYPTED if name in secret else each for name, each in values["inputs"].items()}
        if target.endpoint == NODES:
            values.update({relation: target.associated.get(relation, []) for relation in LINKS})
        kind = KINDS[target.endpoint]
        related = {name: f"{target.url}{name}/" for name in kind.related}
        if values.get("unified_job_template"):
            related["unified_job_template"] = self.find("unified_job_templates", values["unified_job_template"]).url
        return {
            "id": target.id,
            "type": kind.type,
            "url": target.url,
            "related": related,
            "summary_fields": {"current_update": {"id": target.update}} if target.update else {},
            **values,
        }


def _endpoints(endpoint: str) -> tuple[str, ...]:
    """Where the objects live that are to be found at an endpoint."""
    return UNIFIED if endpoint == "unified_job_templates" else (endpoint,)


def _page(results: list[Values]) -> Values:
    return {"count": len(results), "next": None, "previous": None, "results": results}


def _matches(shown_values: Values, query: list[tuple[str, str]]) -> bool:
    alternatives = []
    for name, wanted in query:
        field = name.removeprefix("or__")
        if field not in shown_values:
            raise Refused(400, {"detail": f"{shown_values['type']} has no field named '{field}'"})
        equal = str(shown_values[field]) == wanted
        if field == name and not equal:
            return False
        if field != name:
            alternatives.append(equal)
    return not alternatives or any(alternatives)


def _check_variables(name: str, value: Any) -> None:
    if name not in ("variables", "extra_vars") or not value:
        return
    try:
        parsed = yaml.safe_load(value)
    except yaml.YAMLError as error:
        raise invalid(name, "Cannot parse as JSON or YAML.") from error
    if not isinstance(parsed, dict):
        raise invalid(name, f"Input type `{type(parsed).__name__}` is not a dictionary")


# -- Over HTTP


class AwxService(ThreadingHTTPServer):
    """The controller, listening on a loopback address."""

    daemon_threads = True
    TOKEN = "c4n4ry-c0ntr0ller-t0ken"

    def __init__(self, repositories: dict[str, Path]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.awx = Awx(repositories)
        #: What it was asked, in order.
        self.requests: list[Request] = []
        self.lock = threading.Lock()

    @property
    def writes(self) -> list[Request]:
        """The requests that were to change something."""
        return [each for each in self.requests if each.method != "GET"]


class _Handler(BaseHTTPRequestHandler):
    server: AwxService

    def _respond(self) -> None:
        url = urlsplit(self.path)
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        with self.server.lock:
            self.server.requests.append(Request(self.command, self.path, json.loads(sent or "null")))
            try:
                if not url.path.endswith("/"):
                    raise Refused(301, None)
                if self.headers["Authorization"] != f"Bearer {self.server.TOKEN}":
                    raise Refused(401, {"detail": "Authentication credentials were not provided."})
                status, body = self.server.awx.answer(
                    self.command, url.path, parse_qsl(url.query, keep_blank_values=True), self.server.requests[-1].body
                )
            except Refused as refused:
                status, body = refused.status, refused.body
        payload = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("X-API-Product-Name", "AWX")
        self.send_header("X-API-Product-Version", VERSION)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(payload)))
        if status == 301:
            self.send_header("Location", url._replace(path=f"{url.path}/").geturl())
        self.end_headers()
        self.wfile.write(payload)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _respond  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        pass
