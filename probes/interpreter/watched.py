"""What the interpreter probe watches, and through which files of the standard library it may be asked for.

This text stands before those of the other parts, with which it becomes one module (see `probe.py`). Nothing in it may depend on an import.
"""

_THEIRS = frozenset(globals())

TYPE_CHECKING = False  # type checkers take it for the one of typing, which cannot be imported yet

_LIBRARY = __file__.rpartition("/encodings/")[0] + "/"


def _files(*modules: str) -> "frozenset[str]":
    """What code objects call these files of the standard library, which may be frozen into the interpreter."""
    found = [_LIBRARY + module + ".py" for module in modules]
    return frozenset(found + ["<frozen " + module.replace("/", ".") + ">" for module in modules])


_DIRECTLY = frozenset[str]()
_ANYHOW = frozenset({"*"})
"""Stands for all files: whoever asked is told, through whatever library."""

_PATHLIB = ("pathlib", "pathlib/__init__", "pathlib/_local", "pathlib/_abc", "pathlib/_os")
_ZIPS, _METADATA = ("zipfile", "zipfile/__init__"), ("importlib/metadata", "importlib/metadata/__init__")
_LISTING = _files("os", "glob", "shutil", *_PATHLIB)
_LOOKING = _files("genericpath", "posixpath", *_PATHLIB)
_CODING = _files("base64", "encodings/base64_codec", "encodings/hex_codec")
_PACKING = _files(
    "gzip", "bz2", "lzma", "tarfile", "_compression", "compression/_common/_streams", "compression/zstd/__init__",
    "compression/zstd/_zstdfile",
    "encodings/zlib_codec", "encodings/bz2_codec", *_ZIPS,
)  # fmt: skip
_TLS, _SITE = _files("ssl"), _files("site")
_ENVIRONMENT = _files("os", "_collections_abc")

_WATCHED = frozenset({
    "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink", "os.link", "os.chmod", "os.chown", "os.truncate",
    "os.utime", "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.kill", "os.chdir", "os.putenv",
    "os.unsetenv", "subprocess.Popen", "pty.spawn", "webbrowser.open", "socket.connect", "socket.bind", "socket.sendto",
    "socket.sendmsg", "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.gethostname",
    "ctypes.dlopen", "http.client.connect", "urllib.Request", "smtplib.connect", "ftplib.connect", "sqlite3.connect",
    "shutil.copyfile", "shutil.copymode", "shutil.move", "shutil.rmtree", "shutil.make_archive",
    "shutil.unpack_archive", "tempfile.mkstemp", "tempfile.mkdtemp", "resource.setrlimit", "signal.pthread_kill",
    "sys.addaudithook", "sys.settrace", "fcntl.flock", "builtins.input", "imaplib.open", "poplib.connect",
    "nntplib.connect", "telnetlib.Telnet.open", "ensurepip.bootstrap", "syslog.syslog", "os.killpg", "resource.prlimit",
    "socket.getnameinfo",
})  # fmt: skip
"""Audit events that are told each time, whoever asked."""

_ASKED = {
    "os.listdir": _LISTING, "os.scandir": _LISTING, "os.walk": _LISTING, "glob.glob": _LISTING,
    "pickle.find_class": _files("pickle"), "ctypes.dlsym": _files("ctypes/__init__"),
    "socket.__new__": _files("socket"), "marshal.loads": _DIRECTLY, "mmap.__new__": _DIRECTLY,
    "os.setxattr": _DIRECTLY, "os.removexattr": _DIRECTLY, "fcntl.lockf": _DIRECTLY, "code.__new__": _DIRECTLY,
    "compile": _DIRECTLY, "sys.monitoring.register_callback": _DIRECTLY,
}  # fmt: skip
"""Audit events that are told where no other files of the standard library stand between them and other code."""

_CIPHERS = frozenset({
    "Crypto.Cipher.AES", "Crypto.Cipher.ARC4", "Crypto.Cipher.Blowfish", "Crypto.Cipher.ChaCha20",
    "Crypto.Cipher.ChaCha20_Poly1305", "Crypto.Cipher.DES", "Crypto.Cipher.DES3", "Crypto.Cipher.PKCS1_OAEP",
    "Crypto.Cipher.Salsa20", "Cryptodome.Cipher.AES", "Cryptodome.Cipher.ARC4", "Cryptodome.Cipher.Blowfish",
    "Cryptodome.Cipher.ChaCha20", "Cryptodome.Cipher.ChaCha20_Poly1305", "Cryptodome.Cipher.DES",
    "Cryptodome.Cipher.DES3", "Cryptodome.Cipher.PKCS1_OAEP", "Cryptodome.Cipher.Salsa20", "cryptography.fernet",
    "cryptography.hazmat.primitives.ciphers", "cryptography.hazmat.primitives.ciphers.aead", "nacl.public",
    "nacl.secret", "pyAesCrypt", "pyaes", "pyzipper", "rsa", "simplecrypt", "twofish", "xxtea",
})  # fmt: skip
"""Modules that encrypt, whose first import is told."""

_QUIET = (".py", ".pyc", ".so", "pyvenv.cfg", ".pth")
_CLOCKS = frozenset({"time", "time_ns", "now", "utcnow", "today", "strftime"})
_CLOCKS_OF_NONE = frozenset({"localtime", "gmtime", "ctime", "asctime"})
_CLOCKS_BY_ID = frozenset({"clock_gettime", "clock_gettime_ns"})
_REAL_TIMES = frozenset({0, 5, 8, 11})
"""CLOCK_REALTIME, its COARSE and ALARM forms, and CLOCK_TAI (linux/time.h)."""
_ALL_CLOCKS = _CLOCKS | _CLOCKS_OF_NONE | _CLOCKS_BY_ID
_SOCKETS = frozenset({
    "listen", "_accept", "send", "sendall", "recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg", "recvmsg_into",
    "connect", "connect_ex", "setsockopt",
})  # fmt: skip
_OF_TLS = frozenset({"read", "write"})
"""Functions in C with these names are many, and of interest only where `ssl` calls them."""

_C_FUNCTIONS = dict[str, "dict[str, tuple[str, frozenset[str]]]"]()
"""Functions in C by name and by what they belong to, a module or a class: the event, and the files it may come through."""

for _names_of, _owners, _event, _through in (
    ("a2b_base64", "binascii", "binascii.a2b_base64", _CODING),
    ("b2a_base64", "binascii", "binascii.b2a_base64", _CODING),
    ("unhexlify a2b_hex", "binascii", "binascii.unhexlify", _CODING),
    ("fromhex", "builtins.bytes builtins.bytearray", "bytes.fromhex", _DIRECTLY),
    ("compress", "zlib zlib.Compress", "zlib.compress", _PACKING),
    ("decompress", "zlib zlib.Decompress zlib._ZlibDecompressor", "zlib.decompress", _PACKING),
    ("compress", "_bz2.BZ2Compressor", "bz2.compress", _PACKING),
    ("decompress", "_bz2.BZ2Decompressor", "bz2.decompress", _PACKING),
    ("compress", "_lzma.LZMACompressor", "lzma.compress", _PACKING),
    ("decompress", "_lzma.LZMADecompressor", "lzma.decompress", _PACKING),
    ("compress", "compression.zstd.ZstdCompressor", "zstd.compress", _PACKING),
    ("decompress", "compression.zstd.ZstdDecompressor", "zstd.decompress", _PACKING),
    ("new hmac_new hmac_digest openssl_md5 openssl_sha1 openssl_sha224 openssl_sha256 openssl_sha384 openssl_sha512",
     "_hashlib", "hashlib.new", _files("hashlib", "hmac")),
    ("openssl_sha3_224 openssl_sha3_256 openssl_sha3_384 openssl_sha3_512 openssl_shake_128 openssl_shake_256",
     "_hashlib", "hashlib.new", _files("hashlib")),
    ("md5 sha1 sha224 sha256 sha384 sha512", "_md5 _sha1 _sha2 _sha256 _sha512", "hashlib.new", _files("hashlib")),
    ("compile", "_sre", "re.compile", _files("re", "sre_compile", "re/__init__", "re/_compiler")),
    ("random getrandbits", "_random.Random", "random.random", _files("random", "secrets", "uuid")),
    ("urandom getrandom", "posix", "random.random", _files("random", "secrets", "uuid")),
    ("stat lstat access", "posix", "os.stat", _LOOKING),
    ("getcwd", "posix", "os.getcwd", _files(*_PATHLIB)),
    ("uname", "posix", "os.uname", _files("platform")),
    ("getlogin", "posix", "os.getlogin", _files("getpass")),
    ("cpu_count", "posix", "os.cpu_count", _files("os")),
    ("sched_getaffinity", "posix", "os.sched_getaffinity", _files("os")),
    ("getgroups", "posix", "os.getgroups", _DIRECTLY),
    ("getpwnam", "pwd", "pwd.getpwnam", _files("getpass")),
    ("getpwuid", "pwd", "pwd.getpwuid", _files("getpass")),
    ("getpwall", "pwd", "pwd.getpwall", _files("getpass")),
    ("getgrnam", "grp", "grp.getgrnam", _DIRECTLY),
    ("getgrgid", "grp", "grp.getgrgid", _DIRECTLY),
    ("getgrall", "grp", "grp.getgrall", _DIRECTLY),
    ("gettrace", "sys", "sys.gettrace", _DIRECTLY),
    ("setlocale", "_locale", "locale.setlocale", _files("locale")),
    ("if_nameindex", "_socket", "socket.if_nameindex", _DIRECTLY),
    ("signal", "_signal", "signal.signal", _files("signal")),
    ("__import__", "builtins", "builtins.__import__", _DIRECTLY),
    ("sleep", "time", "time.sleep", _ANYHOW),
    ("clock_settime clock_settime_ns", "time", "time.clock_settime", _ANYHOW),
    ("select", "select", "select.select", _ANYHOW),
    ("start_new_thread start_joinable_thread", "_thread", "_thread.start_new_thread", _ANYHOW),
    ("execute executemany executescript commit rollback", "sqlite3.Connection sqlite3.Cursor", "sqlite3.execute", _ANYHOW),
    ("do_handshake", "_ssl._SSLSocket", "ssl.handshake", _ANYHOW),
    ("read", "_ssl._SSLSocket", "ssl.read", _ANYHOW),
    ("write", "_ssl._SSLSocket", "ssl.write", _ANYHOW),
    ("shutdown", "_ssl._SSLSocket", "ssl.shutdown", _ANYHOW),
    ("shm_open", "_posixshmem", "shared_memory.open", _ANYHOW),
    ("pipe pipe2", "posix", "os.pipe", _ANYHOW),
    *((_one, "posix", "os." + _one, _ANYHOW) for _one in (
        "memfd_create", "mkfifo", "mknod", "sendfile", "setuid", "setgid", "seteuid", "setegid", "setreuid", "setregid",
        "setresuid", "setresgid", "setgroups", "setsid", "unshare", "setns", "chroot",
    )),
    ("eval", "builtins", "builtins.eval", _DIRECTLY),
    ("exec", "builtins", "builtins.exec", _DIRECTLY),
    ("set_events", "sys.monitoring", "sys.monitoring.set_events", _DIRECTLY),
    ("free_tool_id", "sys.monitoring", "sys.monitoring.free_tool_id", _DIRECTLY),
    ("clear_tool_id", "sys.monitoring", "sys.monitoring.clear_tool_id", _DIRECTLY),
):  # fmt: skip
    for _one in _names_of.split():
        for _owner in _owners.split():
            _C_FUNCTIONS.setdefault(_one, {})[_owner] = _event, _through

_ACTS = frozenset({
    "socket." + _one.lstrip("_") for _one in _SOCKETS
}) | frozenset({
    _event for _owners_of in _C_FUNCTIONS.values() for _event, _through in _owners_of.values() if _through is _ANYHOW
}) | frozenset({
    "os.listdir", "os.scandir", "socket.__new__", "mmap.__new__", "os.setxattr", "os.removexattr", "fcntl.lockf",
    "ctypes.dlsym", "ctypes.call", "signal.signal",
})  # fmt: skip
"""What a system call follows, whose author nothing else tells: told again whenever its thread told something else in between."""

_BY_WAY_OF = {
    "os.stat": frozenset({
        "exists", "lexists", "isfile", "isdir", "islink", "ismount", "getsize", "getmtime", "getatime", "getctime",
        "is_file", "is_dir", "is_symlink", "is_mount", "stat", "lstat",
    }),
    "locale.setlocale": frozenset({"setlocale", "resetlocale"}),
    "environ.get": frozenset({"getenv", "getenvb", "get", "__contains__", "setdefault", "pop"}),
    "environ.iterate": frozenset({
        "__iter__", "__eq__", "__or__", "__ror__", "__contains__", "copy", "popitem", "clear", "update",
    }),
}  # fmt: skip
"""The functions of those files through which alone these may be asked for."""

_PYTHON_FUNCTIONS = dict[str, "dict[str, tuple[str, frozenset[str], str]]"]()
"""Functions in Python by name and file: the event, the files it may come through, and which argument is told."""

for _names_of, _modules, _event, _through, _argument in (
    ("dumps dump", ("json/__init__",), "json.", _DIRECTLY, ""),
    ("import_module", ("importlib/__init__",), "importlib.", _DIRECTLY, "name"),
    ("extract extractall", _ZIPS, "zipfile.extract", _DIRECTLY, ""),
    ("extract extractall", ("tarfile",), "tarfile.extract", _DIRECTLY, ""),
    ("node", ("platform",), "platform.", _DIRECTLY, ""),
    ("getfqdn", ("socket",), "socket.", _DIRECTLY, ""),
    ("getuser", ("getpass",), "getpass.", _DIRECTLY, ""),
    ("getnode", ("uuid",), "uuid.", _files("uuid"), ""),
    ("distributions", _METADATA, "importlib.metadata.", _DIRECTLY, ""),
    ("__getitem__", ("os",), "environ.get", _ENVIRONMENT, "key"),
    ("__iter__ __repr__", ("os",), "environ.iterate", _ENVIRONMENT, ""),
):
    for _one in _names_of.split():
        for _file_of in _files(*_modules):
            _called_so = _event + _one if _event.endswith(".") else _event
            _PYTHON_FUNCTIONS.setdefault(_one, {})[_file_of] = _called_so, _through, _argument

_HINTS = frozenset({
    "encode", "decode", "startswith", "join", "write", "fspath", "getcwd", "strip", "pop", "uname", "generate_time_safe",
})  # fmt: skip
"""Functions in C that those in Python call soon, by which they are known before Python 3.12."""

_HINTING = frozenset({
    "os", "collections.abc", "posixpath", "getpass", "importlib", "importlib.metadata", "json", "json.encoder", "platform",
    "socket", "tarfile", "uuid", "zipfile",
})  # fmt: skip
"""What the modules of those functions, and of what stands between, call themselves."""

_PARSING = frozenset({"re._parser", "sre_parse"})
"""What the parser of patterns calls itself."""

_INTERESTING = _ALL_CLOCKS | _SOCKETS | frozenset(_C_FUNCTIONS)
