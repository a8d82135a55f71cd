"""One target with atheris (libFuzzer): `python -m tests.fuzz.guided NAME [libFuzzer's arguments]`.

It follows which branches of the project's own code an input reaches, and keeps those that reach new ones.
"""

from __future__ import annotations

import sys

import atheris


def main() -> None:
    name = sys.argv[1]
    with atheris.instrument_imports(
        include=["analyzer.acquire", "analyzer.store", "analyzer.trace", "tarfile", "zipfile"]
    ):
        from tests.fuzz.target import targets

        one = targets()[name]

    def attempt(data: bytes) -> None:
        one.run(data)

    atheris.Setup([sys.argv[0], *sys.argv[2:]], attempt)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
