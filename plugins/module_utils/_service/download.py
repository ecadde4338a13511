# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Downloads of files of any size: as they come, to a file, complete or not at all."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import Message
from typing import TYPE_CHECKING, Any, BinaryIO
from urllib.parse import parse_qsl, urljoin, urlsplit

from .._errors import Code, LinkUpdateError, OutcomeUnknown
from .._text import harmless
from .._urls import is_encrypted, is_loopback
from .deadline import Deadline
from .http import Session
from .own_words import is_error, outline_of
from .responses import AnswerReader
from .transport import ENDS_TOO_EARLY, GZIP, PIECE, BodyError, Call, Transport, is_gzip, pieces_of

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

#: The most bytes of a file, and the most seconds that one may take.
MAX_SIZE = 2 * 1024**3
LONGEST = 3600.0
#: A document of JSON with fewer bytes says something, and is no report.
_SHORTEST_JSON = 1024
#: What the columns of a table are separated by.
_SEPARATORS = (b",", b";", b"\t", b"|")
_MOST_REDIRECTS = 3
#: The value of a query with so many characters may be a signature, which is as good as a password.
_SECRET_VALUE = 16
#: What the URL of a report has that is none: the URL of an instance, and the ids of its site and of a job.
_PUBLIC = re.compile(r"https?://[^?@]*|[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
#: The kinds of files, and what else they are called.
_EXTENSIONS = {
    "text/csv": "csv",
    "application/csv": "csv",
    "application/json": "json",
    "application/zip": "zip",
    "application/gzip": "gz",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}


@dataclass(frozen=True)
class Received:
    """A file that came in."""

    size: int
    #: Such as C(csv).
    extension: str


class _Sink:
    """Takes a body as it comes.

    :param passing: called with the number of bytes so far.
    """

    def __init__(self, file: BinaryIO, passing: Callable[[int], None]) -> None:
        self._file = file
        self._passing = passing
        self.size = 0
        self.head = b""

    def begin(self) -> None:
        """Forget what came so far: it is sent again."""
        self.size, self.head = 0, b""
        self._file.seek(0)
        self._file.truncate()

    def take(self, piece: bytes) -> None:
        """:raises LinkUpdateError: there is too much of it, or it cannot be written."""
        self.size += len(piece)
        if self.size > MAX_SIZE:
            raise LinkUpdateError(f"a file of more than {MAX_SIZE // 1024**2:,} MiB", code=Code.REJECTED)
        if len(self.head) < PIECE:
            self.head += piece
        try:
            self._file.write(piece)
        except OSError as exc:
            raise LinkUpdateError(f"it cannot be written: {exc.strerror}", code=Code.REPORT) from exc
        self._passing(self.size)


class _FileTransport(Transport):
    """Has a good answer written to a file."""

    sink: _Sink
    #: What a URL that needs no credentials has instead.
    signature: Sequence[str] = ()

    @property
    def secrets(self) -> Sequence[str]:
        return self.signature

    def _prepared(self, call: Call, authorization: bytes | None = None) -> tuple[PreparedRequest, dict[str, Any]]:
        request, way = super()._prepared(call, authorization)
        # Packed on its way, its length would be another one than that of the file.
        request.headers.update({"Accept": "*/*", "Accept-Encoding": "identity"})
        return request, way

    def _body(self, response: Response, deadline: Deadline) -> bytes:
        if response.status_code != 200:
            return super()._body(response, deadline)
        self.sink.begin()
        pieces = _restarting(pieces_of(response.raw), deadline)
        pieces = _whole(pieces, response.headers)
        for piece in _unzipped(pieces) if is_gzip(response) else pieces:
            self.sink.take(piece)
        return self.sink.head


def _restarting(pieces: Iterable[bytes], deadline: Deadline) -> Iterator[bytes]:
    """Pieces of a body, each in time, however many there are."""
    for piece in pieces:
        deadline.restart()
        yield piece
    # The end of a connection that was cut looks like the end of a body.
    deadline.left()


def _whole(pieces: Iterable[bytes], headers: Mapping[str, str]) -> Iterator[bytes]:
    """Pieces of a body that is complete.

    :raises BodyError: it is not, or nobody can tell.
    """
    size, length = 0, headers.get("Content-Length", "")
    for piece in pieces:
        size += len(piece)
        yield piece
    if "chunked" in headers.get("Transfer-Encoding", "").lower():
        return
    if not length.isdecimal():
        raise BodyError("an answer that does not say how long it is, so that nobody can tell whether it is complete")
    if size != int(length):
        raise BodyError(f"{ENDS_TOO_EARLY}: {size:,} of {int(length):,} bytes")


def _unzipped(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """A body as it was before it was packed, in pieces that are small: a few bytes can be gigabytes.

    :raises zlib.error, BodyError: it is not packed like this, or not all of it is there.
    """
    gzip = zlib.decompressobj(wbits=GZIP)
    for piece in pieces:
        rest = piece
        while rest:
            yield gzip.decompress(rest, PIECE)
            rest = gzip.unconsumed_tail
    if not gzip.eof or gzip.unused_data:
        raise BodyError(ENDS_TOO_EARLY)


class _RedirectedError(LinkUpdateError):
    """What was asked for is elsewhere."""

    target: str


class _FileReader(AnswerReader):
    """Reads the answer that a file is."""

    def content(self, read: Callable[[Any], Any]) -> Any:
        return super().content(lambda _json: read(self._extension()))

    def _check(self) -> None:
        """:raises LinkUpdateError: it is no file, or no report."""
        if self._answer.trouble or self._answer.status != 200:
            super()._check()
            raise OutcomeUnknown(f"HTTP {self._answer.status} and no file")
        if problem := self._problem():
            raise LinkUpdateError(problem, code=Code.REJECTED)

    def _problem(self) -> str:
        """Why a body is no report; empty where it may be one."""
        head = self._answer.body
        begin = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if not begin:
            return "an empty file"
        if begin.startswith(b"<") or "html" in self._answer.headers.get("Content-Type", "").lower():
            return f"a page and no report (a login page or a proxy?): {harmless(self._text(), 200)}"
        if self._json is not None and (is_error(self._json) or len(head) < _SHORTEST_JSON):
            return f"a JSON document and no report: {outline_of(self._json)}"
        if self._extension() == "csv" and not any(each in begin.splitlines()[0] for each in _SEPARATORS):
            return f"no report: its first line has one column only: {harmless(self._text(), 80)}"
        return ""

    def _refusal(self) -> LinkUpdateError:
        refusal = super()._refusal()
        target = self._answer.headers.get("Location")
        if not target or not 300 <= self._answer.status < 400:
            return refusal
        moved = _RedirectedError(refusal.failure.what, code=refusal.code, advice=refusal.failure.advice)
        try:
            moved.target = urljoin(self._call.url, target)
        except ValueError:
            return refusal
        return moved

    def _extension(self) -> str:
        """What kind of file it is, as its sender says. Most likely a table."""
        headers = Message()
        for name in ("Content-Disposition", "Content-Type"):
            headers[name] = self._answer.headers.get(name, "")
        named = (headers.get_filename() or "").rpartition(".")[2].lower()
        if named in _EXTENSIONS.values():
            return named
        return _EXTENSIONS.get(headers.get_content_type(), "json" if self._json is not None else "csv")

    def _parsed(self) -> Any:
        # What has more is no message, and only its begin is here.
        begin = self._answer.body.lstrip()[:1]
        return super()._parsed() if begin in (b"{", b"[") and len(self._answer.body) < PIECE else None


class Downloader(Session):
    """Downloads files, see L(Session)."""

    transport = _FileTransport
    reader = _FileReader
    _transport: _FileTransport

    def download(
        self, url: str, file: BinaryIO, *, signed: bool = True, passing: Callable[[int], None] = lambda _size: None
    ) -> Received:
        """Write what is at a URL to a file. Credentials go to no other URL: where it redirects to, none are sent.

        :param file: it is empty, or is overwritten. It has all only when this returns.
        :param signed: send the credentials along.
        :param passing: called with the number of bytes so far, again and again.
        :raises TooEarly, NotAccepted, OutcomeUnknown, LinkUpdateError: see L(Session.get).
        """
        end = self._clock.monotonic() + LONGEST

        def passed(size: int) -> None:
            self._clock.checkpoint()
            if self._clock.monotonic() > end:
                raise LinkUpdateError(f"not complete after {LONGEST / 60:.0f} min", code=Code.TIMEOUT)
            passing(size)

        sink = _Sink(file, passed)
        for _hop in range(_MOST_REDIRECTS):
            try:
                return self._received(url, sink, signed)
            except _RedirectedError as exc:
                if not _may_follow(exc.target, url):
                    raise
                url, signed = exc.target, False
        return self._received(url, sink, signed)

    def _received(self, url: str, sink: _Sink, signed: bool) -> Received:
        self._transport.sink = sink
        values = [value for _name, value in parse_qsl(urlsplit(url).query) if len(value) >= _SECRET_VALUE]
        self._transport.signature = [each for each in values if not (signed and _PUBLIC.fullmatch(each))]
        extension: str = self.get(url, signed=signed, read=str)
        return Received(sink.size, extension)


def _may_follow(target: str, url: str) -> bool:
    """Whether what is at a URL may come from where that redirects to: not from where others could read or change it."""
    return is_encrypted(target) and (target.startswith("https:") or is_loopback(urlsplit(url).hostname or ""))
