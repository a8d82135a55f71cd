"""The empty file by which Docker's engine marks each container, `/.dockerenv`, and its removal.

It is the first thing that malware looks for. The engine has no option to leave it out, and a container whose root is read-only cannot
lose it once it runs. But it lies in a layer that the engine makes for this container alone (`ID-init`, with the storage driver overlay2),
whose folder the engine tells, and root may remove it from there before the container is started.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from docker.models.containers import Container

_NAME: Final = ".dockerenv"
_LAYER: Final = "-init"
_SEEN: Final = (
    f"the package can see /{_NAME}, by which the engine marks containers: where it looks for that, it may keep still"
)


def unmark(container: Container) -> list[str]:
    """Takes the mark from a container that was made and not started yet; says what could not be done."""
    layer = _own_layer(container)
    if layer is not None and os.geteuid() == 0:
        mark = layer / _NAME
        with suppress(OSError):  # the engine is on another machine, or in a namespace of its own
            status = mark.lstat()
            if stat.S_ISREG(status.st_mode) and status.st_size == 0:
                mark.unlink()
                return []
    return [_SEEN]


def _own_layer(container: Container) -> Path | None:
    """The folder of the layer that the engine made for this container, where the engine tells it (`GraphDriver` of its inspection)."""
    driver = container.attrs.get("GraphDriver") or {}
    if driver.get("Name") != "overlay2":
        return None
    folder = Path(str((driver.get("Data") or {}).get("LowerDir", "")).partition(":")[0])
    own = folder.is_absolute() and folder.name == "diff" and folder.parent.name.endswith(_LAYER)
    return folder if own else None
