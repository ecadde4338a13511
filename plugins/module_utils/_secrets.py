# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding secrets in what may repeat them, however they are spelled there, and hiding them."""

from __future__ import annotations

import html
import re
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from urllib.parse import unquote, unquote_to_bytes

from ._text import is_visible
from ._urls import database_name

#: What stands where a secret was.
HIDDEN = "********"

#: How often a text is decoded in search of a secret: a URL in JSON in JSON is three deep.
_DEPTH = 3
#: A shorter piece of an encoded secret is too likely to be something else.
_SHORTEST = 6

#: Characters that are spelled as something else: bytes (URL, MIME, Python), JSON, HTML, and one that is escaped.
_SPELLED = re.compile(
    r"(?P<bytes>(?:(?:%|=|\\x)[0-9a-f]{2})+)|(?P<units>(?:\\u[0-9a-f]{4})+)|"
    r"(?P<entity>&#?\w{1,32};?)|(?P<fold>=\r?\n)|\\(?P<escaped>.)",
    re.IGNORECASE | re.DOTALL,
)
#: The two alphabets of base64 are one here.
_ALPHABET = str.maketrans("-_", "+/")
_SECRET_SETTING = re.compile("password|secret|scram")


def passwords_in(url: str) -> list[str]:
    """The passwords that a URL holds, as they are written there and as they are: libpq takes one before the host, and
    others as settings after the C(?). Of a URL that is malformed, all that may be one.
    """
    rest = url.partition("://")[2]
    if not rest:
        # A path, or what libpq takes in the place of a URL.
        return [url] if re.match("[^/~$.].*[@=]", url) else []
    malformed = url.startswith("postgres") and database_name(url) is None
    before_host = rest.rpartition("@")[0] or (rest if malformed else "")
    written = [before_host.partition(":")[2]]
    for setting in re.finditer(r"[?&]([^?&=]*)=([^&]*)", rest):
        if _SECRET_SETTING.search(unquote(setting[1]).lower()):
            written.append(rest[setting.start(2) :] if malformed else setting[2])
    return [secret for each in written for secret in dict.fromkeys((each, unquote(each))) if secret]


def without_passwords(text: str, url: str) -> str:
    """A text that may repeat a URL, without the URL's passwords."""
    return without(text, passwords_in(url))


def without(text: str, secrets: Iterable[str]) -> str:
    """A text that may repeat secrets, without them: as they are, in letters of another case, folded into lines, and as
    URLs, JSON, HTML, base64 and the like spell them, also one in the other.
    """
    keys = {key for secret in secrets for key in _keys_of(secret)}
    # Nearly every text repeats none, and where in the text each character stands takes long to find out.
    if not any(key in keyed for keyed in map(_keyed, _decodings_of(text)) for key in keys):
        return text
    found = sorted({place for reading in _readings_of(text) for key in keys for place in reading.places_of(key)})
    kept, end = [], 0
    for start, stop in found:
        if start >= end:
            kept += [text[end:start], HIDDEN]
        end = max(end, stop)
    return "".join([*kept, text[end:]])


@dataclass(frozen=True)
class _Reading:
    """A text, decoded, and for each of its characters where that stands in the original: its begin and its end."""

    text: str
    places: Sequence[tuple[int, int]]

    def decoded(self) -> _Reading:
        """The same text, decoded once more."""
        chars: list[str] = []
        places: list[tuple[int, int]] = []
        end = 0
        for match in _SPELLED.finditer(self.text):
            chars += self.text[end : match.start()]
            places += self.places[end : match.start()]
            end = match.end()
            meant = _meant_by(match)
            chars += meant
            # Which of the characters stands where is not told apart: they are hidden together.
            places += [(self.places[match.start()][0], self.places[end - 1][1])] * len(meant)
        return _Reading("".join([*chars, self.text[end:]]), [*places, *self.places[end:]])

    def places_of(self, key: str) -> Iterator[tuple[int, int]]:
        """Where a key is in the original text."""
        text, places = self._keyed
        start = text.find(key)
        while start >= 0:
            yield places[start][0], places[start + len(key) - 1][1]
            start = text.find(key, start + 1)

    @cached_property
    def _keyed(self) -> tuple[str, list[tuple[int, int]]]:
        keyed = [(each, place) for char, place in zip(self.text, self.places, strict=True) for each in _key_of(char)]
        return "".join(each for each, _place in keyed), [place for _each, place in keyed]


def _decodings_of(text: str) -> Iterator[str]:
    """A text as it is, then decoded until there is nothing more to decode."""
    yield text
    for _time in range(_DEPTH):
        before, text = text, _SPELLED.sub(_meant_by, text)
        if text == before:
            return
        yield text


def _readings_of(text: str) -> Iterator[_Reading]:
    """The same as L(_decodings_of), with where each character stands."""
    reading = _Reading(text, [(index, index + 1) for index in range(len(text))])
    for _decoding in _decodings_of(text):
        yield reading
        reading = reading.decoded()


def _meant_by(spelled: re.Match[str]) -> str:
    """The characters that something stands for."""
    if spelled["bytes"]:
        data = unquote_to_bytes(re.sub(r"=|\\x", "%", spelled[0], flags=re.IGNORECASE))
        try:
            return data.decode()
        except UnicodeDecodeError:
            return data.decode("latin-1")
    if spelled["units"]:
        return bytes.fromhex(re.sub(r"\\u", "", spelled[0], flags=re.IGNORECASE)).decode("utf-16-be", "replace")
    if spelled["entity"]:
        return html.unescape(spelled[0])
    return "" if spelled["fold"] or spelled["escaped"] in "nrtbf" else spelled["escaped"]


@cache
def _keys_of(secret: str) -> frozenset[str]:
    """What to look for: a secret as it is, as a header is decoded, and in base64 whatever stands before and behind. One
    with a part that looks as if it were encoded comes back decoded from a text that is.
    """
    data = secret.encode(errors="surrogatepass")
    others = [data.hex(), *_decodings_of(secret)]
    for shift in range(3):
        # The first and the last character have bits of the neighbours, too.
        base64 = b64encode(bytes(shift) + data).decode()
        others.append(base64[(8 * shift + 5) // 6 : 8 * (shift + len(data)) // 6])
    spelled = [secret, data.decode("latin-1"), *(each for each in others if len(each) >= _SHORTEST)]
    return frozenset(filter(None, map(_keyed, spelled)))


def _keyed(text: str) -> str:
    """What is looked for in a text, or where it is looked for."""
    return "".join(map(_key_of, text))


@cache
def _key_of(char: str) -> str:
    """A character, less what makes no difference to a reader; nothing of one that cannot be seen."""
    return char.lower().translate(_ALPHABET) if is_visible(char) and not char.isspace() else ""
