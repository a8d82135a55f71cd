"""Why a module could not be imported, in a few words, from the error that it raised.

The text of an error is the package's own: what is read from it only sorts failures for a reader. Names of modules that exist on one
platform alone are from the standard library's documentation (its pages' availability notes) and pywin32's and PyObjC's own lists.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

_NO_MODULE: Final = re.compile(r"No module named '?([\w.]{1,200})'?")
_PLATFORM_MODULES: Final = frozenset({
    "_winapi", "_winreg", "_wmi", "msilib", "msvcrt", "nt", "winreg", "winsound", "win32api", "win32com", "win32con",
    "win32event", "win32file", "win32gui", "win32pdh", "win32pipe", "win32process", "win32security", "win32service",
    "win32serviceutil", "pythoncom", "pywintypes", "servicemanager", "wmi", "AppKit", "Cocoa", "CoreFoundation",
    "Foundation", "Quartz", "objc", "_scproxy", "android", "java", "js", "jnius", "org", "pyodide", "System", "clr",
    "_emscripten",
})  # fmt: skip
_OTHER_VERSIONS: Final = frozenset({
    "aifc", "asynchat", "asyncore", "audioop", "cgi", "cgitb", "chunk", "crypt", "distutils", "imghdr", "imp",
    "lib2to3", "mailcap", "nis", "nntplib", "ossaudiodev", "pipes", "smtpd", "sndhdr", "spwd", "sunau", "telnetlib",
    "uu", "xdrlib", "binhex", "formatter", "parser", "symbol", "macpath", "__builtin__", "cPickle", "ConfigParser",
    "Queue", "StringIO", "cStringIO", "httplib", "urllib2", "urlparse", "Tkinter", "SocketServer", "commands",
    "thread", "tomllib", "zoneinfo", "graphlib", "compression", "annotationlib", "string.templatelib",
    "concurrent.interpreters",
})  # fmt: skip
"""Modules that the standard library of some versions lacks: the "What's New" pages of Python 3.0 to 3.14, PEP 594, PEP 632."""

_PLATFORM_TEXT: Final = re.compile(
    r"only (?:be )?(?:available|supported|works?|used|run|usable|for|on)\b.{0,40}\b(?:windows|win32|mac ?os|osx|darwin|android|ios|bsd)"
    r"|\b(?:windows|win32|mac ?os|osx|darwin|android|ios)(?:[- ]only| is required| platform)"
    r"|(?:not (?:available|supported|implemented) (?:on|for) (?:this (?:platform|system)|linux|posix|unix))"
    r"|unsupported (?:platform|operating system|os\b|system)|only on windows"
    r"|(?:attribute|import name) '(?:windll|oledll|WinDLL|OleDLL|WinError|WINFUNCTYPE|GetLastError|FormatError|startfile|getwindowsversion"
    r"|winver|STARTUPINFO|STARTF_\w+|CREATE_NEW_\w+|CTRL_C_EVENT|CTRL_BREAK_EVENT|Proactor\w+|IocpProactor|ProactorEventLoop"
    r"|WindowsSelectorEventLoopPolicy|WindowsProactorEventLoopPolicy|kqueue|kevent|O_BINARY|VT_\w+)'"
    r"|No such file or directory: '[A-Z]:",
    re.IGNORECASE,
)
_CONFIGURATION_TYPE: Final = re.compile(
    r"^(?:[\w.]*\.)?(?:ImproperlyConfigured|AppRegistryNotReady|NotConfigured|ConfigurationError|ConfigError|NoRegionError"
    r"|SettingsError|MissingConfiguration\w*|NoCredentialsError|UserConfigError)\b"
)
_CONFIGURATION_TEXT: Final = re.compile(
    r"(?-i:^KeyError: '[A-Z][A-Z0-9_]{3,}')|settings are not configured|DJANGO_SETTINGS_MODULE|in INSTALLED_APPS|apps aren't loaded"
    r"|environment variable\b.{0,80}\b(?:set|missing|defined|required|found)|(?:must|needs to) be configured|no configuration\b"
    r"|DISPLAY\b.{0,40}(?:not set|variable)|no display name",
    re.IGNORECASE,
)
_INSTALL_NAME: Final = re.compile(r"pip3? install (?:-\w+ |--[\w-]+ )*[\"'`]?([A-Za-z0-9][\w.\[\],-]{0,100}[\w\]])")
_MISSING_TEXT: Final = re.compile(
    r"pip3? install|conda install|\bnot installed\b|\bbe installed\b|\binstall(?:ing)? (?:the |it\b)|missing (?:optional )?dependenc"
    r"|(?:requires|required|needs|depends on)\b.{0,80}\b(?:package|library|module|install\w*|dependenc\w*)"
    r"|could not import|unable to import|failed to import|(?:optional|extra) dependenc",
    re.IGNORECASE,
)
_QUOTED: Final = re.compile(r"[`'\"]([A-Za-z][\w.-]{1,60})[`'\"]")
_LIBRARY: Final = re.compile(r"(lib[\w.+-]{1,100}): cannot open shared object file")
_MAX_READ: Final = 2000


@dataclass(frozen=True, slots=True)
class Reason:
    """Why, as `FailedModule` tells it, and the name of what is missing, where something is."""

    text: str
    missing: str = ""


def reason_of(error: str, own: Collection[str]) -> Reason:
    """Why a module raised an error, by the error's text ("Type: message"). `own` are the package's top-level modules."""
    error = error[:_MAX_READ]
    if error.startswith("SystemExit"):
        return Reason("ended the interpreter")
    name = _missing_module(error)
    if name:
        return _of_module(name, own)
    if _CONFIGURATION_TYPE.search(error) or _CONFIGURATION_TEXT.search(error):
        return Reason("needs configuration")
    if _PLATFORM_TEXT.search(error):
        return Reason("other platform")
    library = _LIBRARY.search(error)
    if library:
        return Reason("missing dependency", library[1])
    if _MISSING_TEXT.search(error):
        named = _INSTALL_NAME.search(error) or _QUOTED.search(error)
        return Reason("missing dependency", named[1] if named else "")
    return Reason("raised")


def _missing_module(error: str) -> str:
    """The module that was not found; an error that was raised anew often quotes the first one."""
    match = _NO_MODULE.search(error)
    return match[1] if match else ""


def _of_module(name: str, own: Collection[str]) -> Reason:
    top = name.partition(".")[0]
    if top in own:
        return Reason("raised")
    if top in _PLATFORM_MODULES:
        return Reason("other platform", top)
    if name in _OTHER_VERSIONS or top in _OTHER_VERSIONS:
        return Reason("other Python version", top)
    return Reason("missing dependency", top)
