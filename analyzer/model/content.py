"""What stands in a package's files, read without running anything: addresses, secrets, licences."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from analyzer.model.base import Model, Text

UrlKind = Literal["suspicious-tld", "nonstandard-port", "interesting-format"]
"""What is remarkable about an address, by the same lists as for addresses that are contacted."""

LicenseKind = Literal["copyleft", "restricted"]
"""A licence that asks the same of what builds on it, and one that limits to whom or how a work may be given or offered."""


class ContentUrl(Model):
    """A remarkable address in a file of the target: where it stands first, and how often it does. `line` counts from 1."""

    url: Text
    kinds: list[UrlKind]
    file: Text
    line: int
    count: int = 1


class ContentSecret(Model):
    """What has the form of a service's access token in a file of the target.

    `shown` is its beginning and length, never the whole: a report is handed on.
    """

    service: Text
    shown: Text
    file: Text
    line: int


class LicenseFact(Model):
    """A licence that a distribution names: the target's, or that of what it needs.

    `expression` is the SPDX expression that `text` means, empty where that is not known. `file` is the distribution's file that says
    so.
    """

    distribution: Text
    version: Text
    role: Literal["target", "dependency"]
    source: Literal["License-Expression", "License", "classifier", "file"]
    text: Text
    expression: Text
    kinds: list[LicenseKind]
    file: Text = ""


class Content(Model):
    """What reading the files gave. `unread` names what could not be read, and why; where there is any, absence proves nothing.

    `kinds` are the words by which the package is held against others of its kind: topics and frameworks of its classifiers, and
    whether it has scripts or compiled modules.
    """

    files: int
    bytes: int
    unread: list[Text] = Field(default_factory=list)
    urls: list[ContentUrl] = Field(default_factory=list)
    secrets: list[ContentSecret] = Field(default_factory=list)
    licenses: list[LicenseFact] = Field(default_factory=list)
    kinds: list[Text] = Field(default_factory=list)
    requires: list[Text] = Field(
        default_factory=list, description="Normalised names of what the target declares to need"
    )
