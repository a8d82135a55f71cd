"""By which announcements of the interpreter probe an act may have been told beforehand: tables of names.

Names are those of `probes/interpreter/watched.py`.
"""

from __future__ import annotations

from analyzer.model.event import (
    ConsoleWrite,
    FileAttributes,
    FileCreate,
    FileDelete,
    FileLink,
    FileLock,
    FileMode,
    FileOpen,
    FileRename,
    FileWrite,
    MemoryProtect,
    ProcessCreate,
    ProcessExec,
    ProcessHandler,
    ProcessLimit,
    ProcessPipe,
    ProcessSignal,
    ProcessSleep,
    SocketAccept,
    SocketBind,
    SocketConnect,
    SocketCreate,
    SocketListen,
    SocketOption,
    SocketReceive,
    SocketSend,
)

STARTS = frozenset({"subprocess.Popen", "os.system", "os.posix_spawn", "os.fork", "os.forkpty"})
"""Announcements after which exactly one process is made."""

STARTING_FUNCTIONS = ("fork", "vfork", "clone", "system", "popen", "posix_spawn", "posix_spawnp")
"""Functions of C that make one, looked up by ctypes."""

FOREIGN = ("ctypes.call", "ctypes.dlsym")
"""Announced with the name of a function of C."""

NATIVE_IMPORT = "import.native"
"""An extension module is about to be loaded, with its name and file: what happens next may be its initialisation."""

LASTING = frozenset({
    "socket.send", "socket.sendall", "socket.recv", "socket.recv_into", "socket.recvfrom", "socket.recvfrom_into",
    "socket.recvmsg", "socket.recvmsg_into", "socket.accept", "socket.listen", "socket.setsockopt", "ssl.handshake",
    "ssl.read", "ssl.write", "ssl.shutdown", "sqlite3.execute", "time.sleep", "select.select", "os.listdir", "os.scandir",
    "signal.signal", "ctypes.dlsym", "ctypes.call", "os.pipe", "console.write",
})  # fmt: skip
"""Announced anew only after its thread announced something else, so that these do not go out of date."""

LOOKUPS = ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.getnameinfo")
TLS = ("ssl.handshake", "ssl.read", "ssl.write", "ssl.shutdown")
SENDING = ("socket.send", "socket.sendall", "socket.sendto", "socket.sendmsg", "os.sendfile", *TLS)
THREADS = ("_thread.start_new_thread", "_thread.start_joinable_thread")
CONNECTING = ("socket.connect", "http.client.connect")
RECEIVING = (
    "socket.recv", "socket.recv_into", "socket.recvfrom", "socket.recvfrom_into", "socket.recvmsg", "socket.recvmsg_into",
    *TLS,
)  # fmt: skip
DATABASE = ("sqlite3.execute", "sqlite3.connect")

NAMES: dict[type, tuple[str, ...]] = {
    FileOpen: (
        "open", "tempfile.mkstemp", "sqlite3.connect", "shutil.copyfile", "ctypes.dlopen", "os.listdir", "os.scandir",
        NATIVE_IMPORT,
    ),
    ConsoleWrite: ("console.write",),
    FileWrite: ("open", "shutil.copyfile", "tempfile.mkstemp", "os.truncate"),
    FileRename: ("os.rename", "shutil.move"),
    FileDelete: ("os.remove", "os.rmdir", "shutil.rmtree", "shutil.move"),
    FileCreate: ("os.mkdir", "tempfile.mkdtemp", "os.mkfifo", "os.mknod"),
    FileLink: ("os.symlink", "os.link"),
    FileMode: ("os.chmod", "os.chown", "shutil.copymode"),
    FileAttributes: ("os.utime", "os.setxattr", "os.removexattr", "shutil.copystat"),
    FileLock: ("fcntl.flock", "fcntl.lockf"),
    MemoryProtect: ("mmap.__new__", "ctypes.dlopen"),
    ProcessExec: ("os.exec",),
    ProcessHandler: ("signal.signal",),
    ProcessLimit: ("resource.setrlimit", "resource.prlimit"),
    ProcessPipe: ("os.pipe",),
    ProcessSignal: ("os.kill", "os.killpg", "signal.pthread_kill"),
    ProcessSleep: ("time.sleep", "select.select"),
    SocketAccept: ("socket.accept",),
    SocketBind: ("socket.bind",),
    SocketConnect: ("socket.connect", "socket.connect_ex", "http.client.connect", *LOOKUPS),
    SocketCreate: ("socket.__new__", *LOOKUPS),
    SocketListen: ("socket.listen", "socket.bind"),
    SocketOption: ("socket.setsockopt",),
}  # fmt: skip
"""By the kind of act."""

FUNCTIONS: dict[type, tuple[str, ...]] = {
    FileOpen: ("open", "open64", "openat", "creat", "fopen", "opendir", "shm_open"),
    FileWrite: ("write", "pwrite", "fwrite", "ftruncate", "truncate"),
    FileRename: ("rename", "renameat", "renameat2"),
    FileDelete: ("unlink", "unlinkat", "remove", "rmdir"),
    FileCreate: ("mkdir", "mkdirat", "mknod", "mkfifo"),
    FileLink: ("link", "linkat", "symlink", "symlinkat"),
    FileMode: ("chmod", "fchmod", "fchmodat", "chown", "fchown", "lchown"),
    FileLock: ("flock", "lockf", "fcntl"),
    MemoryProtect: ("mmap", "mprotect"),
    ProcessCreate: ("fork", "vfork", "clone", "pthread_create"),
    ProcessExec: ("execve", "execv", "execvp", "execl", "execlp", "execle"),
    ProcessHandler: ("signal", "sigaction"),
    ProcessLimit: ("setrlimit", "prlimit"),
    ProcessPipe: ("pipe", "pipe2"),
    ProcessSignal: ("kill", "killpg", "tgkill"),
    ProcessSleep: ("sleep", "usleep", "nanosleep", "clock_nanosleep"),
    SocketAccept: ("accept", "accept4"),
    SocketBind: ("bind",),
    SocketConnect: ("connect",),
    SocketCreate: ("socket",),
    SocketListen: ("listen",),
    SocketOption: ("setsockopt",),
    SocketReceive: ("recv", "recvfrom", "recvmsg", "read"),
    SocketSend: ("send", "sendto", "sendmsg", "write"),
}
"""The C library's functions, as ctypes looks them up."""
