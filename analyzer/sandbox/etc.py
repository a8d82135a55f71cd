"""Files of /etc that tell of the machine and its user; they lie over the sandbox's own."""

from __future__ import annotations

import secrets
from typing import Final

from analyzer.sandbox.person import FULL_NAME, HOME, HOST_NAME, USER

_ACCOUNTS: Final = """root:x:0:0:root:/root:/bin/bash
daemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin
bin:x:2:2:bin:/bin:/usr/sbin/nologin
sys:x:3:3:sys:/dev:/usr/sbin/nologin
man:x:6:12:man:/var/cache/man:/usr/sbin/nologin
mail:x:8:8:mail:/var/mail:/usr/sbin/nologin
www-data:x:33:33:www-data:/var/www:/usr/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin
messagebus:x:100:107::/nonexistent:/usr/sbin/nologin
sshd:x:104:65534::/run/sshd:/usr/sbin/nologin
"""
_GROUPS: Final = """root:x:0:
daemon:x:1:
bin:x:2:
sys:x:3:
adm:x:4:
man:x:12:
mail:x:8:
sudo:x:27:
www-data:x:33:
users:x:100:
messagebus:x:107:
nogroup:x:65534:
"""
"""Accounts and groups that every Debian machine with SSH and D-Bus has (base-passwd)."""


def system_files(uid: int, name_server: str) -> dict[str, str]:
    """The files by name. `uid` is the user's number; the machine's id (machine-id(5)) is made for the run."""
    return {
        "passwd": f"{_ACCOUNTS}{USER}:x:{uid}:{uid}:{FULL_NAME},,,:{HOME}:/bin/bash\n",
        "group": f"{_GROUPS}{USER}:x:{uid}:\n",
        "hosts": f"127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost\n127.0.1.1\t{HOST_NAME}\n",
        "resolv.conf": f"nameserver {name_server}\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nshadow: files\nhosts: files dns\nnetworks: files\nservices: files\n",
        "hostname": f"{HOST_NAME}\n",
        "machine-id": f"{secrets.token_hex(16)}\n",
    }
