# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways to authenticate: what a request carries, what no text may repeat, what to do when it is refused."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar


@dataclass(frozen=True)
class Basic:
    """A user and a secret: an e-mail address and an API token, as Atlassian's cloud takes them."""

    user: str
    secret: str = field(repr=False)

    #: What to do when the service refuses the credentials, by HTTP status.
    advice: ClassVar[Mapping[int, str]] = {
        401: "check the e-mail address and the API token. A token expires (by default after a year). A scoped token "
        "does not work: use an unscoped one",
        403: "make the account an organization or site admin, and an admin of the product whose links are updated",
    }

    @property
    def header(self) -> bytes:
        """The value of the header C(Authorization)."""
        return f"Basic {self._encoded}".encode()

    @property
    def secrets(self) -> Sequence[str]:
        """What no answer or library's message gets to repeat."""
        # Encoded as a whole, also the ends of the secret have bits of their neighbours.
        return [self._encoded.rstrip("="), self.secret]

    def client_at(self, host: str) -> str:
        """The name of this client of a host, for processes that share its rate limit. It does not show the account."""
        return _digest(self.user, host)

    @property
    def _encoded(self) -> str:
        return b64encode(f"{self.user}:{self.secret}".encode()).decode()


@dataclass(frozen=True)
class Bearer:
    """A token alone. It must be printable: a header cannot hold a line end."""

    token: str = field(repr=False)

    #: See L(Basic).
    advice: ClassVar[Mapping[int, str]] = {
        401: "check the token. It may have expired",
        403: "give the owner of the token the permissions for this call",
    }

    @property
    def header(self) -> bytes:
        """See L(Basic). As bytes: as text, only Latin-1 could be sent."""
        return f"Bearer {self.token}".encode()

    @property
    def secrets(self) -> Sequence[str]:
        """See L(Basic)."""
        return [self.token]

    def client_at(self, host: str) -> str:
        """See L(Basic). The token is long and random, so that nobody finds it by its digest."""
        return _digest(self.token, host)


@dataclass(frozen=True)
class Login(Basic):
    """A user name and a password, as a Data Center instance takes them."""

    advice: ClassVar[Mapping[int, str]] = {
        401: "check the user name and the password, in JIRA_DC_USER and JIRA_DC_PASSWORD or where you set them. If "
        "users log in with single sign-on, or if basic authentication is turned off, use a personal access token",
        403: "give the user the permission to use Jira, and to browse the projects of the federation",
    }


@dataclass(frozen=True)
class PersonalToken(Bearer):
    """A personal access token of a Data Center instance."""

    advice: ClassVar[Mapping[int, str]] = {
        401: "check the token, in JIRA_DC_TOKEN or where you set it. It may have expired, or somebody has revoked it. "
        "It must be a personal access token of this Data Center instance. An API token of Atlassian's cloud does not "
        "work here",
        403: "give the owner of the token the permission to use Jira, and to browse the projects of the federation",
    }


def _digest(identity: str, host: str) -> str:
    return hashlib.sha256(f"{identity} {host}".encode()).hexdigest()
