"""What a file of answers may say: answers to HTTP requests, and DNS records.

```yaml
answers:
  - for: {hosts: [api.vendor.example, .cdn.example, {in: paste-sites}], paths: ["/v1/*/status"], methods: [GET]}
    status: 200
    type: application/json
    headers: {Server: vendor}
    json: {state: ready, build: "{mark}"}
dns:
  - {name: .vendor.example, type: TXT, answers: ['"v=spf1 -all"']}
```

A request gets the first answer all of whose conditions fit. In texts, `{mark}`, `{host}`, `{path}`, `{name}` (the path's last part),
`{segment:N}`, `{address}` (the machine's public one), `{epoch}`, `{date}` and `{script}` are filled when it is asked; places for secrets
(`analyzer.sandbox.decoys`), such as `{aws:ASIA as AWS role key}`, once for the run.
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

MADE: Final = ("elf", "script", "exe", "zip", "tar", "tar.gz", "gz", "gif", "png")
"""What `probes/internet/made.py` makes."""
ADDRESS: Final = "{address}"

_HOST: Final = re.compile(r"[A-Za-z0-9.*?_:\[\]!-]{1,253}")
_TOKEN: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_BODIES: Final = ("text", "json_", "base64", "file", "make")


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise ValueError(f"{text!r} is no host name, address or pattern of them")
    return text.lower()


def _path(text: str) -> str:
    if not text.startswith(("/", "**")):
        raise ValueError(f"{text!r} is no path: it begins with / or **")
    return text


def _token(text: str) -> str:
    if not _TOKEN.fullmatch(text):
        raise ValueError(f"{text!r} is no name of a header or method")
    return text


def _value(text: str) -> str:
    if not text.isprintable() or not text.isascii():
        raise ValueError("the value of a header is printable ASCII in one line")
    return text


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=False)


class ListOfHosts(_Strict):
    """All hosts of a reference list of domains, and what is below them."""

    in_: Annotated[str, Field(alias="in")]


Host = Annotated[str, AfterValidator(_host), Field(max_length=253)]
Path = Annotated[str, AfterValidator(_path), Field(max_length=1000)]
Token = Annotated[str, AfterValidator(_token)]
Value = Annotated[str, AfterValidator(_value), Field(max_length=4000)]


class Conditions(_Strict):
    """Which requests an answer is for. Each condition that is given has to hold; one of the list is enough.

    `headers` asks for a part of a header's value, `query` for a part of what stands behind the question mark.
    """

    hosts: Annotated[tuple[Host | ListOfHosts, ...], Field(max_length=1000)] = ()
    paths: Annotated[tuple[Path, ...], Field(max_length=1000)] = ()
    suffixes: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=40)], ...], Field(max_length=200)] = ()
    methods: tuple[Token, ...] = ()
    headers: dict[Token, Value] = {}
    query: Annotated[str, Field(max_length=400)] = ""


class HttpAnswer(_Strict):
    """One answer, with at most one kind of body; `file` is below the folder that the YAML file is in."""

    for_: Annotated[Conditions, Field(alias="for")] = Conditions()
    status: Annotated[int, Field(ge=200, le=599)] = 200
    type: Annotated[Value, Field(max_length=200)] = ""
    headers: Annotated[dict[Token, Value], Field(max_length=50)] = {}
    text: str | None = None
    json_: Annotated[Any, Field(alias="json")] = None
    base64: str | None = None
    file: str | None = None
    make: Literal["elf", "script", "exe", "zip", "tar", "tar.gz", "gz", "gif", "png"] | None = None

    @model_validator(mode="after")
    def _one_body(self) -> Self:
        given = [name for name in _BODIES if getattr(self, name) is not None]
        if len(given) > 1:
            raise ValueError(f"an answer has one body, and not {' and '.join(name.strip('_') for name in given)}")
        try:
            base64.b64decode(self.base64 or "", validate=True)
        except binascii.Error as error:
            raise ValueError(f"base64: {error}") from error
        return self


class DnsAnswer(_Strict):
    """The records of a name and a type, each as its data stand in a zone file; `{address}` is filled there too."""

    name: Host
    type: Literal["A", "AAAA", "CNAME", "MX", "NS", "PTR", "SRV", "TXT", "CAA", "SOA"]
    answers: Annotated[tuple[Annotated[str, Field(min_length=1, max_length=4000)], ...], Field(max_length=50)]

    @model_validator(mode="after")
    def _readable(self) -> Self:
        from dnslib import RR
        from dnslib.dns import DNSError

        for data in self.answers:
            try:
                found = RR.fromZone(f"a.example. 60 IN {self.type} {data.replace(ADDRESS, '192.0.2.1')}\n")
            except (DNSError, ValueError, IndexError, KeyError, TypeError) as error:
                raise ValueError(f"{data!r} is no data of a record of type {self.type}") from error
            if len(found) != 1:
                raise ValueError(f"{data!r} is no data of one record of type {self.type}")
        return self


class AnswerFile(_Strict):
    """A file of answers."""

    answers: Annotated[tuple[HttpAnswer, ...], Field(max_length=10_000)] = ()
    dns: Annotated[tuple[DnsAnswer, ...], Field(max_length=10_000)] = ()
