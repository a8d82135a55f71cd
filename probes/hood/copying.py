"""Files into and out of a session: each copy is a process of its own, as the package's user, which the supervisor does not wait for.

An archive comes or goes through a pipe, and the answer is one JSON object on another: `{}`, or `{"error": TEXT}`; none where the
process was ended.
"""

from __future__ import annotations

import json
import os
import signal
import tarfile
from collections.abc import Callable
from functools import partial

from hood.identity import begin_as_package_user
from hood.link import Order
from hood.packing import pack
from hood.places import CopyError
from hood.plan import Plan
from hood.record import shorten
from hood.unpacking import unpack

_SECONDS = 300
"""After which a copy is ended, whoever it waits for: not everywhere may the supervisor end what runs as the package's user."""


def start(plan: Plan, order: Order) -> int:
    """Begins a copy; gives the number of its process."""
    archive, answer = order.descriptors
    if "put" in order.words:
        action = partial(unpack, plan, order.words["put"], archive)
    else:
        action = partial(pack, plan, order.words["get"], archive, order.words["most"])
    return begin_as_package_user(plan, partial(_answered, action, answer))


def _answered(action: Callable[[], None], answer: int) -> None:
    signal.alarm(_SECONDS)
    said: dict[str, str] = {}
    try:
        action()
    except CopyError as error:
        said = {"error": str(error)}
    except OSError as error:
        said = {"error": f"{shorten(str(error.filename or 'the file'), 200)}: {error.strerror or error}"}
    except tarfile.TarError as error:
        said = {"error": f"the archive cannot be read: {error}"}
    os.write(answer, json.dumps(said).encode())
