# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The shapes of what the stand-in's Data Center says of its data, as Jira has them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from ._stand_in_issues import Issues, Link, Project

#: Ids begin here, for what has one.
_FIRST_ID = 10000
EPIC_TYPE = "com.pyxis.greenhopper.jira:gh-epic-link"


class Documents:
    """What the REST API says of things.

    :param base: the base URL of the instance.
    :param epic_field: the id of the field for the epic; None where there are no epics.
    """

    def __init__(self, issues: Issues, base: str, epic_field: str | None) -> None:
        self._issues = issues
        self._api = f"{base}/rest/api/2"
        self._base = base
        self._epic_field = epic_field
        self._type_of = {each["name"]: each for each in self.link_types()}
        self._linked_fields = {
            "status": {
                "self": f"{self._api}/status/3",
                "description": "This issue is being actively worked on at the moment by the assignee.",
                "iconUrl": f"{base}/images/icons/statuses/inprogress.png",
                "name": "In Progress",
                "id": "3",
                "statusCategory": {
                    "self": f"{self._api}/statuscategory/4",
                    "id": 4,
                    "key": "indeterminate",
                    "colorName": "inprogress",
                    "name": "In Progress",
                },
            },
            "priority": {
                "self": f"{self._api}/priority/3",
                "iconUrl": f"{base}/images/icons/priorities/medium.svg",
                "name": "Medium",
                "id": "3",
            },
            "issuetype": self._issue_type("10002", "Task", is_sub_task=False),
        }

    def issue(self, index: int, fields: Collection[str], *, has_links: bool = True) -> dict[str, Any]:
        """An issue.

        :param fields: ids of the fields to show, or C(*all).
        :param has_links: False for who sees no other issue.
        """
        shown = {name: read for name, read in self._fields(has_links).items() if name in fields or "*all" in fields}
        values = {name: read(index) for name, read in shown.items()}
        if "parent" in values and values["parent"] is None:  # only a sub-task has it at all
            del values["parent"]
        return {
            "expand": "operations,versionedRepresentations,editmeta,changelog,renderedFields",
            **self._reference(index),
            "fields": values,
        }

    def project(self, project: Project) -> dict[str, Any]:
        """A project, in a list."""
        project_id = str(_FIRST_ID + list(self._issues.projects).index(project.key))
        return {
            "expand": "description,lead,url,projectKeys",
            "self": f"{self._api}/project/{project_id}",
            "id": project_id,
            "key": project.key,
            "name": f"Project {project.key}",
            "avatarUrls": {"48x48": f"{self._base}/secure/projectavatar?avatarId=10324"},
            "projectTypeKey": "software",
            "archived": False,
        }

    def link_types(self) -> list[dict[str, str]]:
        """The types of links."""
        return [
            {
                "id": str(_FIRST_ID + position),
                "name": name,
                "inward": inward,
                "outward": outward,
                "self": f"{self._api}/issueLinkType/{_FIRST_ID + position}",
            }
            for position, (name, (inward, outward)) in enumerate(self._issues.link_types.items())
        ]

    def fields(self) -> list[dict[str, Any]]:
        """The fields of issues."""
        system: tuple[tuple[str, str, list[str], dict[str, str]], ...] = (
            ("summary", "Summary", ["summary"], {"type": "string"}),
            ("issuetype", "Issue Type", ["issuetype", "type"], {"type": "issuetype"}),
            ("status", "Status", ["status"], {"type": "status"}),
            ("issuelinks", "Linked Issues", [], {"type": "array", "items": "issuelinks"}),
        )
        found = [_field(name, label, clauses, {**schema, "system": name}) for name, label, clauses, schema in system]
        if self._epic_field:
            custom_id = int(self._epic_field.rpartition("_")[2])
            schema: dict[str, Any] = {"type": "any", "custom": EPIC_TYPE, "customId": custom_id}
            found.append(_field(self._epic_field, "Epic Link", [f"cf[{custom_id}]", "Epic Link"], schema))
        return found

    def _fields(self, has_links: bool) -> Mapping[str, Callable[[int], Any]]:
        epic = {self._epic_field: self._epic} if self._epic_field else {}
        return {
            "summary": self._summary,
            "issuetype": self._issue_type_of,
            "status": lambda index: self._linked_fields["status"],
            "issuelinks": self._links if has_links else lambda index: [],
            "parent": self._parent,
            **epic,
        }

    def _reference(self, index: int) -> dict[str, str]:
        issue_id = str(_FIRST_ID + index)
        return {"id": issue_id, "self": f"{self._api}/issue/{issue_id}", "key": self._issues.key_of(index)}

    def _linked(self, index: int) -> dict[str, Any]:
        """An issue as another one refers to it."""
        return {**self._reference(index), "fields": {"summary": self._summary(index), **self._linked_fields}}

    def _summary(self, index: int) -> str:
        return f"What is to be done in {self._issues.key_of(index)}"

    def _links(self, index: int) -> list[dict[str, Any]]:
        return [self._link(each) for each in self._issues.links.of(index) if self._issues.sees(each.other)]

    def _link(self, link: Link) -> dict[str, Any]:
        return {
            "id": str(link.link_id),
            "self": f"{self._api}/issueLink/{link.link_id}",
            "type": self._type_of[link.type],
            "outwardIssue" if link.is_outward else "inwardIssue": self._linked(link.other),
        }

    def _parent(self, index: int) -> dict[str, Any] | None:
        parent = self._issues.parents.get(index)
        return None if parent is None else self._linked(parent)

    def _epic(self, index: int) -> str | None:
        epic = self._issues.epics.get(index)
        return None if epic is None or not self._issues.sees(epic) else self._issues.key_of(epic)

    def _issue_type_of(self, index: int) -> dict[str, Any]:
        if index in self._issues.parents:
            return self._issue_type("10003", "Sub-task", is_sub_task=True)
        return self._issue_type("10002", "Task", is_sub_task=False)

    def _issue_type(self, type_id: str, name: str, *, is_sub_task: bool) -> dict[str, Any]:
        return {
            "self": f"{self._api}/issuetype/{type_id}",
            "id": type_id,
            "description": "",
            "iconUrl": f"{self._base}/secure/viewavatar?size=xsmall&avatarId=10318&avatarType=issuetype",
            "name": name,
            "subtask": is_sub_task,
            "avatarId": 10318,
        }


def _field(field_id: str, name: str, clauses: list[str], schema: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": field_id,
        "name": name,
        "custom": "custom" in schema,
        "orderable": True,
        "navigable": True,
        "searchable": True,
        "clauseNames": clauses,
        "schema": schema,
    }
