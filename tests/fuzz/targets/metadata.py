"""What packages and indexes say about themselves."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from hood import distributions, editables

from analyzer.acquire.address import is_web_address, redacted, without_credentials
from analyzer.acquire.environment import environment_from
from analyzer.acquire.metadata import applicable, core_metadata, from_core_metadata, requirements, supports_python
from analyzer.acquire.page import Page, parse_page
from analyzer.acquire.source import source_metadata
from analyzer.acquire.target import parse_target
from analyzer.acquire.text import shown
from analyzer.datafile import DataFile
from analyzer.errors import AcquireError, RecordError, UsageError
from analyzer.model.base import encodable
from analyzer.model.package import Environment
from analyzer.store.baseline import Baseline
from analyzer.store.manifest import read_manifest
from analyzer.store.reports import load_report
from analyzer.trace.authors.installed import Installed, InstalledDistribution
from analyzer.trace.authors.metadata import metadata, repository
from tests.fuzz.target import target
from tests.unit.acquire.conftest import MARKERS

REQUIREMENT = (
    b"a>=1",
    b" ; python_version < '3'",
    b"[x]",
    b" @ https://a.example/x.whl",
    b"and extra == 'b'",
    b"(",
    b")",
    b"\\",
)

PYTHON = Environment("3.11.2", tuple(MARKERS.items()), ("py3-none-any",))


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


@target(
    b"Metadata-Version: 2.2\n",
    b"Name: ",
    b"Version: ",
    b"Requires-Dist: ",
    b"Dynamic: requires-dist\n",
    b"=?utf-8?b?",
    *REQUIREMENT,
)
def core_metadata_file(data: bytes) -> None:
    with suppress(AcquireError):
        found = from_core_metadata(core_metadata(data, "x"))
        supports_python(found.requires_python, PYTHON)
        applicable(requirements(found.requires, "x"), PYTHON, "x", found.extras[:3])


@target(*REQUIREMENT)
def requirement(data: bytes) -> None:
    with suppress(AcquireError):
        applicable(requirements(_text(data).split("\n"), "x"), PYTHON, "x", ("b",))


@target(
    b"[project]\n",
    b"[build-system]\n",
    b"requires = ",
    b"name = 'x'\n",
    b"dependencies = [",
    b"]",
    b"[[a]]\n",
    b'"""',
    b"\n",
    b"{a=",
    b"}",
)
def pyproject(data: bytes) -> None:
    with suppress(AcquireError):
        source_metadata({"pyproject.toml": data}, "x")


@target(
    b"[metadata]\n",
    b"[options]\n",
    b"install_requires =\n  a\n",
    b"[options.extras_require]\n",
    b"=",
    b":",
    b"\n ",
    b"[DEFAULT]\n",
)
def setup_cfg(data: bytes) -> None:
    with suppress(AcquireError):
        found = source_metadata({"setup.cfg": data, "setup.py": data}, "x")
        requirements(found.requires, "x")


@target(b"[a:python_version<'3']\n", b"[", b"]\n", *REQUIREMENT)
def requires_txt(data: bytes) -> None:
    with suppress(AcquireError):
        requirements(source_metadata({"setup.py": b"", "x.egg-info/requires.txt": data}, "x").requires, "x")


@target(
    b'{"meta":{"api-version":"1.0"},"name":"x","files":[',
    b'{"filename":"x-1.0.tar.gz","url":"u","hashes":{}}',
    b"]}",
    b",",
    b'"size":',
    b'"versions":["1.0",',
    b'"upload-time":"0001-01-01T00:00:00+23:59"',
    b"1e999",
)
def index_page_json(data: bytes) -> None:
    with suppress(AcquireError):
        parse_page(data, "application/vnd.pypi.simple.v1+json", "https://index.example/simple/x/", "x")
    Page.from_cache(data)


@target(
    b"<a href='",
    b"x-1.0.tar.gz#sha256=00'>",
    b"x-1.0-py3-none-any.whl</a>",
    b"<meta name='pypi:repository-version' content='",
    b"<base href='http://[",
    b"'>",
    b"<!--",
    b"data-yanked",
    b"&#x110000;",
)
def index_page_html(data: bytes) -> None:
    with suppress(AcquireError):
        parse_page(data, "text/html; charset=utf-8", "https://index.example/simple/x/", "x")


@target(b"six==1", b"./x", b"https://", b"user:p@ss@", b"[::1]", b":99999", b"#", b"?", *REQUIREMENT)
def target_on_the_command_line(data: bytes) -> None:
    text = _text(data)
    with suppress(AcquireError):
        parse_target(text)
    is_web_address(text)
    redacted(text)
    without_credentials(text)
    assert shown(text).isprintable()


@target(
    b'{"python_version":"3.11.2","version_info":[3,11],',
    b'"implementation":"cpython"',
    b'"glibc":[2,36]',
    b'"platform":"linux-x86_64"',
    b'"markers":{}',
)
def interpreter_description(data: bytes) -> None:
    with suppress(AcquireError):
        environment_from(data)


@target(
    b"a: ",
    b"- ",
    b"&a ",
    b"*a",
    b"{",
    b"[",
    b"]",
    b"}",
    b"!!python/object:os.system",
    b"\n",
    b"  ",
    b"1e999",
    b"? ",
    b"<<: ",
)
def yaml_of_a_user(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.yaml"
        path.write_bytes(data)
        with suppress(UsageError):
            DataFile(path, "rule file").read(Baseline)


@target(
    b'"schema_version": "1"', b"{", b"}", b"[", b"]", b":", b",", b"null", b"1e999", b"NaN", b"9" * 400, b'"\\ud800"'
)
def saved_report(data: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "x.json"
        path.write_bytes(data)
        with suppress(RecordError):
            load_report(path)
    with suppress(RecordError):
        read_manifest(data, "x")


@target(
    b"Name: a\n",
    b"Version: 1\n",
    b"Project-URL: Source, https://a.example\n",
    b"[console_scripts]\n",
    b"a = b:c [d]\n",
    b"../../x,sha256=a,1\n",
    b'"',
    b"\0FILE\0",
)
def installed_files(data: bytes) -> None:
    """The texts of one installed distribution, in its folder."""
    names = ("METADATA", "RECORD", "entry_points.txt", "direct_url.json", "top_level.txt")
    with TemporaryDirectory() as folder:
        info = Path(folder) / "x-1.dist-info"
        info.mkdir()
        for name, content in zip(names, data.split(b"\0FILE\0"), strict=False):
            (info / name).write_bytes(content)
        (Path(folder) / "__editable___x_finder.py").write_bytes(data)
        (Path(folder) / "x.pth").write_bytes(data)
        for found in distributions.installed(Path(folder), "x"):
            found.as_json()
        editables.find([f"{folder}/__editable___x_finder.py", f"{folder}/x.pth"], Path(folder), Path(folder), 100)


@target(b"https://", b"git@", b"code.example", b"Source, ", b"[", b"]", b":", b"/", b".git", b"#", b"\n")
def project_urls(data: bytes) -> None:
    urls = tuple(_text(data).split("\n"))
    repository(urls)
    one = InstalledDistribution(
        name=encodable(urls[0]), version="1", requested=True, files=(), modules=(), scripts=(), urls=urls
    )
    metadata(one)
    Installed((one,)).owner(urls[-1])
