# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role's variables, read and checked one by one: what is wrong with one of them is a problem, and no exception."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Mapping
from difflib import get_close_matches
from typing import Any, Self

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator

from ..module_utils._ansible.argspec import ArgumentSpec
from ..module_utils._model.federation import Problem
from ..module_utils._text import harmless

#: What no message may quote, neither the value nor the template that makes it.
_SECRET = frozenset(
    {
        "link_update_api_token",
        "link_update_ledger",
        "link_update_notify_url",
        "link_census_token",
        "link_census_password",
        "link_census_store",
    }
)
#: How alike two names are where one may be the other misspelt, see difflib.
_LIKE = 0.8


class Variables:
    """The variables of one host.

    :param host: its name, for messages.
    :param template: makes a value of what a variable holds.
    """

    def __init__(self, host: str, variables: Mapping[str, Any], template: Callable[[Any], Any]) -> None:
        self._host = host
        self._variables = variables
        self._template = template
        self.problems: list[Problem] = []

    @classmethod
    def of_other(cls, host: str, variables: Mapping[str, Any]) -> Self:
        """Those of a host that the task is not for: Ansible makes each value itself when it is asked for."""
        return cls(host, variables, lambda value: value)

    def read(self, prefix: str, spec: ArgumentSpec) -> dict[str, Any]:
        """The values of variables, by their names less the prefix; what is not set, or wrong, has its default."""
        return {name: self._read(prefix + name, option) for name, option in spec.items()}

    def check_names(self, prefix: str, known: Collection[str]) -> None:
        """Find the variables whose names are nearly those of known ones. Nothing reads them, so the run would not do
        what the user asked for.

        :param known: names less the prefix.
        """
        for variable in map(str, self._variables):
            name = variable.removeprefix(prefix)
            if variable.startswith(prefix) and name not in known and (like := get_close_matches(name, known, 1, _LIKE)):
                remedy = f"write {prefix}{like[0]}; if it is a variable of your own, give it another name"
                self._problem(variable, "is not a variable of this collection", remedy)

    def _read(self, name: str, option: Mapping[str, Any]) -> Any:
        default = _default_of(option)
        try:
            value = plain(self._template(self._variables[name])) if name in self._variables else None
        # Before ansible-core 2.19 a template that fails raises whatever its filter or operator does.
        except Exception as exc:
            self._problem(name, _why(exc, name), "correct it")
            return default
        # A template can make nothing but an empty text of none before ansible-core 2.19.
        if value is None or (value == "" and option["type"] not in ("str", "path")):
            return default
        option = {key: each for key, each in option.items() if key != "fallback"}
        checked = ArgumentSpecValidator({name: option}).validate({name: value})
        if checked.error_messages:
            why = (
                "is not of the type " + option["type"] if name in _SECRET else _plainly(checked.error_messages[0], name)
            )
            self._problem(name, why, "correct it")
            return default
        return checked.validated_parameters[name]

    def _problem(self, name: str, why: str, remedy: str) -> None:
        self.problems.append(Problem(self._host, f"{name} {harmless(why)}", remedy))


def plain(value: Any) -> Any:
    """A templated value as JSON has it.

    :raises AnsibleError: a part of it cannot be told, such as one that is encrypted, and the password is missing.
    """
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set)):
        return [plain(each) for each in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return type(value + 0)(value)
    return str(value)


def _default_of(option: Mapping[str, Any]) -> Any:
    """What an option is without a value: what the environment has of it, or its default."""
    _from_environment, names = option.get("fallback", (None, ()))
    return next((os.environ[name] for name in names if os.environ.get(name)), option.get("default"))


def _why(exc: Exception, name: str) -> str:
    """Why a variable has no value, with no more of its template than the name of what is missing."""
    text = " ".join(str(exc).split())
    if re.search("vault|decrypt", text, re.IGNORECASE):
        return "is encrypted, and the vault password is missing or wrong"
    missing = re.search(r"'[^']+' is undefined|has no attribute '[^']+'", text)
    if missing:
        return f"cannot be read: {missing[0]}"
    return "cannot be read: its template fails" + ("" if name in _SECRET else f": {text}")


def _plainly(message: str, name: str) -> str:
    """What Ansible says of a value, less the name."""
    return re.sub(rf"^(argument '{name}' |value of {name} |Elements value for option '{name}' )", "", message)
