"""Prints one JSON object about the interpreter that runs it: what choosing packages for it takes.

Runs by itself inside the sandbox, on any Python from 3.8 on, with the standard library alone.
"""

import json
import os
import platform
import struct
import sys
import sysconfig


def marker_values():
    # type: () -> dict[str, str]
    """The marker variables of PEP 508 with this interpreter's values."""
    implementation = sys.implementation.version
    text = ".".join(str(part) for part in implementation[:3])
    if implementation.releaselevel != "final":
        text += implementation.releaselevel[0] + str(implementation.serial)
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": text,
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "platform_python_implementation": platform.python_implementation(),
        "python_version": ".".join(platform.python_version_tuple()[:2]),
        "sys_platform": sys.platform,
    }


def glibc_version():
    # type: () -> list[int]
    """Major and minor version of glibc; empty where the C library is another one."""
    try:
        name, _, version = (os.confstr("CS_GNU_LIBC_VERSION") or "").partition(" ")
        return [int(part) for part in version.split(".")[:2]] if name == "glibc" else []
    except (AttributeError, OSError, ValueError):
        return []


def main():
    # type: () -> None
    """Print the description."""
    description = {
        "python_version": platform.python_version(),
        "version_info": list(sys.version_info[:2]),
        "implementation": sys.implementation.name,
        "platform": sysconfig.get_platform(),
        "bits": struct.calcsize("P") * 8,
        "glibc": glibc_version(),
        "free_threaded": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
        "debug": bool(sysconfig.get_config_var("Py_DEBUG")),
        "markers": marker_values(),
    }
    sys.stdout.write(json.dumps(description) + "\n")


if __name__ == "__main__":
    main()
