# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How to reach the service, and as whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from .._errors import InvalidOption
from .._naming import MODULE, Naming

#: What messages call a character that no credential has.
_CHARACTERS = {" ": "a space", "\t": "a tab", "\n": "a line break", "\r": "a line break"}
#: What messages call a credential, by its option.
_CREDENTIALS = {"email": "e-mail address", "api_token": "API token"}


@dataclass(frozen=True)
class Account:
    """Whose credentials are used, as the user gave them. Empty where they are not set."""

    email: str = ""
    api_token: str = field(default="", repr=False)
    #: What messages call its options.
    named: Naming = field(default=MODULE, compare=False)

    def checked(self) -> Account:
        """The same account, less what surrounds a credential in the file that it was read from.

        :raises InvalidOption: a credential is not set, or cannot be one. It is not quoted.
        """
        if not self.email.strip() and not self.api_token.strip():
            options = f"{self.named('email')} and {self.named('api_token')}"
            raise InvalidOption(
                "no e-mail address and no API token", f"set ATLASSIAN_EMAIL and ATLASSIAN_API_TOKEN, or {options}"
            )
        return Account(self._credential("email"), self._credential("api_token"), self.named)

    def _credential(self, option: str) -> str:
        """A credential without line ends, blanks and a byte order mark around it."""
        value: str = getattr(self, option).strip().strip("\ufeff").strip()
        if not value:
            raise InvalidOption(f"no {_CREDENTIALS[option]}", f"set ATLASSIAN_{option.upper()} or {self.named(option)}")
        _check_characters(value, self.named(option))
        return value


#: What messages call a credential of a Data Center instance, by its option.
_DATA_CENTER_CREDENTIALS = {"token": "token", "user": "user name", "password": "password"}


@dataclass(frozen=True)
class DataCenterAccount:
    """Whose credentials a Data Center instance gets: a personal access token, or a user name and a password. As the
    user gave them, empty where they are not set.
    """

    token: str = field(default="", repr=False)
    user: str = ""
    password: str = field(default="", repr=False)
    #: What messages call its options.
    named: Naming = field(default=MODULE, compare=False)

    def checked(self) -> DataCenterAccount:
        """The same account, less what surrounds a credential in the file that it was read from.

        :raises InvalidOption: a credential is not set, or cannot be one, or there are two kinds. It is not quoted.
        """
        token, user, password = (self._credential(option) for option in _DATA_CENTER_CREDENTIALS)
        if token and (user or password):
            what = f"{self.named('token')} is set, and {self.named('user')} or {self.named('password')} as well"
            raise InvalidOption(
                f"{what}, or in the environment (JIRA_DC_TOKEN, JIRA_DC_USER, JIRA_DC_PASSWORD)",
                "set only the token, or only the user name and the password",
            )
        if not token and not (user and password):
            raise InvalidOption(*self._missing(user, password))
        if ":" in user:
            raise InvalidOption(f"{self.named('user')} has a colon in it", "use a token, or another user")
        return DataCenterAccount(token, user, password, self.named)

    def _missing(self, user: str, password: str) -> tuple[str, str]:
        """What is not set, and how to set it."""
        if not user and not password:
            login = f"JIRA_DC_USER and JIRA_DC_PASSWORD, or {self.named('user')} and {self.named('password')}"
            advice = f"set JIRA_DC_TOKEN or {self.named('token')}. Without a token, set {login}"
            return "no token for the Data Center instance, and no user name with a password", advice
        option = "user" if password else "password"
        name = _DATA_CENTER_CREDENTIALS[option]
        return f"no {name} for the Data Center instance", f"set JIRA_DC_{option.upper()} or {self.named(option)}"

    def _credential(self, option: str) -> str:
        """A credential without line ends, blanks and a byte order mark around it."""
        value: str = getattr(self, option).strip().strip("\ufeff").strip()
        # A user name and a password may have blanks in them.
        _check_characters(value, self.named(option), also="" if option == "token" else " ")
        return value


def _check_characters(value: str, name: str, also: str = "") -> None:
    """Refuse a credential that was copied with something else.

    :param also: characters that this credential may have.
    :raises InvalidOption: it has a character that it cannot have.
    """
    strange = next((each for each in value if each not in also and (each == " " or not each.isprintable())), None)
    if strange:
        what = _CHARACTERS.get(strange, "an invisible character")
        raise InvalidOption(f"{name} has {what} in it", "check the file or variable it comes from")


#: The accounts of a rehearsal: a stand-in never gets real credentials.
REHEARSAL = Account("rehearsal@example.com", "rehearsal")
DATA_CENTER_REHEARSAL = DataCenterAccount(token="rehearsal")  # noqa: S106


@dataclass(frozen=True)
class Connection:
    """How to reach the service."""

    #: True checks certificates against the system's authorities, a path against the ones in that file or folder.
    verify: bool | str = True
    #: Seconds that a request may last, from looking up a name to the last byte of the answer.
    timeout: float = 30.0
    #: Loopback URL of a stand-in that gets every request in the place of its real host, for a rehearsal.
    stand_in_url: str | None = None

    @property
    def lease(self) -> timedelta:
        """What one request can last, with a margin: the clock of the ledger may not be the one of this machine."""
        return timedelta(seconds=4 * self.timeout + 30)

    @property
    def store_lease(self) -> timedelta:
        """For how long after a write to the store its process may still run: two requests, with a margin."""
        return timedelta(seconds=2 * self.timeout + 60)

    @property
    def is_rehearsal(self) -> bool:
        """Whether a stand-in takes the place of the service."""
        return self.stand_in_url is not None
