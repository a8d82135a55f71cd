"""Programs that ask for things, with what is told of each line behind it (see `test_probe_asked`)."""

ASKED = ("os.listdir", "os.scandir", "os.walk", "os.setxattr", "os.removexattr", "os.stat", "os.getcwd", "os.uname",
         "os.getlogin", "os.cpu_count", "os.sched_getaffinity", "os.getgroups")  # fmt: skip

AUDITED = """\
import ctypes, fcntl, glob, io, marshal, mmap, os, pathlib, pickle, socket, sys, syslog
os.mkdir("folder"), open("text", "w").close()
sys.stdin = io.StringIO("one")
input("asked")  # builtins.input [asked]
marshal.loads(b"N")  # marshal.loads [N]
pickle.loads(b"cbuiltins\\nlen\\n.")  # pickle.find_class [builtins, len]
pickle._loads(b"cbuiltins\\nlen\\n.")  # pickle.find_class [builtins, len]
ctypes.CDLL(None).getpid  # ctypes.dlsym [<CDLL>, getpid]
os.listdir("folder")  # os.listdir [folder]
os.scandir("folder").close()  # os.scandir [folder]
list(os.walk("folder"))  # os.walk [folder, 1, <NoneType>, 0]; os.scandir [folder]
glob.glob("folder/*")  # glob.glob [folder/*, 0]; os.scandir [folder]
list(pathlib.Path("folder").glob("*"))  # os.scandir [folder]
mmap.mmap(-1, 10).close()  # mmap.__new__ [-1, 10, 0, 0]
try: os.setxattr("missing", "user.a", b"1")  # os.setxattr [missing, user.a, 1, 0]
except OSError: pass
try: os.removexattr("missing", "user.a")  # os.removexattr [missing, user.a]
except OSError: pass
with open("text", "r+") as file: fcntl.lockf(file.fileno() * 0 + file.fileno(), fcntl.LOCK_UN, 1, 2)  # fcntl.lockf [3, 8, 1, 2, 0]
socket.socket().close()  # socket.__new__ [2, 1, 0]
socket.socketpair()[0].close()  # socket.__new__ [1, 1, 0]
compile("x = 1", "<n>", "exec")  # compile [x = 1, <n>]
for name in ("Crypto.Cipher.AES", "Crypto", "nacl.secret"):
    os.makedirs(os.path.join("path", *name.split(".")), exist_ok=True)
sys.path.insert(0, "path")
import Crypto.Cipher.AES  # import [Crypto.Cipher.AES]
from nacl import secret  # import [nacl.secret]
import Crypto.Cipher.AES
(lambda: 0).__code__.replace(co_name="own").co_name  # code.__new__
syslog.syslog("text")  # syslog.syslog [6, text]
monitoring = getattr(sys, "monitoring", None)
if monitoring: monitoring.use_tool_id(0, "own"), monitoring.register_callback(0, 1, None)  # 3.12 sys.monitoring.register_callback [<NoneType>]
sys.audit("imaplib.open", 1, "a.example", 143)  # imaplib.open [1, a.example, 143]
sys.audit("poplib.connect", 1, "a.example", 110)  # poplib.connect [1, a.example, 110]
sys.audit("nntplib.connect", 1, "a.example", 119)  # nntplib.connect [1, a.example, 119]
sys.audit("telnetlib.Telnet.open", 1, "a.example", 23)  # telnetlib.Telnet.open [1, a.example, 23]
sys.audit("ensurepip.bootstrap", "folder")  # ensurepip.bootstrap [folder]
sys.audit("own.event", "folder"), sys.audit("import", "os.path"), sys.audit("import", 5), sys.audit("compile")
"""

IN_C = """\
import base64, binascii, bz2, codecs, functools, getpass, grp, gzip, hashlib, hmac, io, locale, lzma, os, pathlib, platform, pwd
import random, re, secrets, signal, socket, sys, uuid, zipfile, zlib
open("text", "w").close()
base64.b64decode("aGk=")  # binascii.a2b_base64
binascii.a2b_base64("aGk=")  # binascii.a2b_base64
codecs.decode(b"aGk=", "base64")  # binascii.a2b_base64
base64.b64encode(b"hi")  # binascii.b2a_base64
binascii.unhexlify("00")  # binascii.unhexlify
binascii.a2b_hex("00")  # binascii.unhexlify
bytes.fromhex("00"), bytearray.fromhex("00")  # bytes.fromhex
packed = zlib.compress(b"x")  # zlib.compress
zlib.decompress(packed)  # zlib.decompress
zlib.decompressobj().decompress(packed)  # zlib.decompress
zlib.compressobj().compress(b"x")  # zlib.compress
packed = gzip.compress(b"x")  # zlib.compress
gzip.decompress(packed)  # zlib.decompress
gzip.open(io.BytesIO(packed)).read()  # zlib.decompress
zipfile.ZipFile(io.BytesIO(), "w", zipfile.ZIP_DEFLATED).writestr("a", "b")  # zlib.compress
packed = bz2.compress(b"x")  # bz2.compress
bz2.decompress(packed)  # bz2.decompress
packed = lzma.compress(b"x")  # lzma.compress
lzma.decompress(packed)  # lzma.decompress
hashlib.md5(b"x")  # hashlib.new [md5]
hashlib.sha3_256(b"x")  # hashlib.new [sha3_256]
hashlib.new("sha256", b"x")  # hashlib.new [sha256]
hmac.new(b"key", b"x", "sha512")  # hashlib.new [sha512]
re.compile("an own pattern+")  # re.compile
re.search("another pattern+", "")  # re.compile
random.random()  # random.random
random.choice([1, 2])  # random.random
random.Random().getrandbits(8)  # random.random
os.urandom(1)  # random.random
secrets.token_hex(1)  # random.random
uuid.uuid4()  # random.random
os.path.exists("text")  # os.stat [text]
os.path.getsize(b"text")  # os.stat [text]
os.path.lexists("text")  # os.stat [text]
pathlib.Path("/missing").exists()  # os.stat [/missing]
pathlib.Path("folder", "missing").is_file()  # os.stat [folder/missing]
(pathlib.Path("folder") / "missing").is_dir()  # os.stat [folder/missing]
os.stat("text")  # 3.12 os.stat [text]
os.access("text", os.R_OK)  # 3.12 os.stat [text]
os.getcwd()  # os.getcwd
pathlib.Path.cwd()  # os.getcwd
os.uname()  # os.uname
platform._uname_cache = None
platform.system()  # os.uname
try: os.getlogin()  # os.getlogin
except OSError: pass
pwd.getpwnam("root"), pwd.getpwuid(0), pwd.getpwall()  # pwd.getpwnam; pwd.getpwuid; pwd.getpwall
grp.getgrnam("root"), grp.getgrgid(0), grp.getgrall()  # grp.getgrnam; grp.getgrgid; grp.getgrall
sys.gettrace()  # sys.gettrace
locale.setlocale(locale.LC_ALL, "C")  # locale.setlocale
os.cpu_count(), os.sched_getaffinity(0), os.getgroups()  # os.cpu_count; os.sched_getaffinity; os.getgroups
__import__("colorsys")  # 3.12 builtins.__import__ [colorsys]; <3.12 builtins.__import__
eval("1 + 1")  # builtins.eval; compile [1 + 1, <string>]
exec("one = 1")  # builtins.exec; compile [one = 1, <string>]
exec(compile("two = 2", "<own>", "exec"))  # builtins.exec; compile [two = 2, <own>]
socket.if_nameindex()  # socket.if_nameindex
signal.signal(signal.SIGUSR1, signal.SIG_IGN)  # signal.signal [10]
"""

IN_PYTHON = """\
import getpass, importlib, importlib.metadata, io, json, os, platform, socket, sys, tarfile, uuid, warnings, zipfile
warnings.simplefilter("ignore")
json.dumps([1])  # json.dumps
json.dump([1], io.StringIO())  # json.dump
importlib.import_module("os")  # importlib.import_module [os]
importlib.import_module("colorsys")  # importlib.import_module [colorsys]
with zipfile.ZipFile("a.zip", "w") as archive: archive.writestr("in.txt", "text")
zipfile.ZipFile("a.zip").extractall("folder")  # zipfile.extract
zipfile.ZipFile("a.zip").extract("in.txt", "folder")  # zipfile.extract
zipfile.ZipFile("a.zip").extract("in.txt")  # zipfile.extract
with tarfile.open("a.tar", "w") as archive: archive.add("in.txt")
tarfile.open("a.tar", "r:").extractall("folder")  # tarfile.extract
tarfile.open("a.tar", "r:").extract("in.txt")  # tarfile.extract
platform._uname_cache = None
platform.node()  # platform.node; os.uname
uuid._node = None
uuid.getnode()  # uuid.getnode
socket.getfqdn("127.0.0.1")  # socket.getfqdn
getpass.getuser()  # getpass.getuser; pwd.getpwuid
importlib.metadata.distributions(path=[])  # importlib.metadata.distributions
"""

ENVIRONMENT = """\
import json, os
os.environ["PATH"]  # environ.get [PATH]
os.environ.get("A"), os.getenv("B")  # environ.get [A]; environ.get [B]
"C" in os.environ  # environ.get [C]
os.environ.pop("D", None)  # environ.get [D]
try: os.environ["E"]  # environ.get [E]
except KeyError: pass
for name in ("F", "G", "F"): os.environ.get(name)  # environ.get [F]; environ.get [G]
os.environb.get(b"H")  # 3.12 environ.get [H]
dict(os.environ)  # environ.iterate
os.environ.copy()  # environ.iterate
{**os.environ}  # environ.iterate
list(os.environ), list(os.environ)  # environ.iterate
for name, value in os.environ.items(): pass  # environ.iterate
sorted(os.environ.values())  # environ.iterate
repr(os.environ)  # environ.iterate
json.loads('{"A": 1}').get("A"), {"PATH": 1}["PATH"]

os.environ["I"] = "1"
del os.environ["I"]
os.path.expanduser("~"), os.path.expandvars("$HOME")
os.get_exec_path()
len(os.environ)
"""

NEAR_MISSES = """\
import collections, csv, dataclasses, email.message, email.utils, fnmatch, inspect, locale, logging, os, pathlib, pkgutil, runpy, shutil, string, subprocess, sys
import ast, colorsys, contextlib, enum, http.client, io, ipaddress, pickle, tempfile, textwrap, timeit, traceback, types, typing
import asyncio, importlib.metadata, json, multiprocessing, unittest.mock, urllib.request, uuid, xml.etree.ElementTree
collections.namedtuple("Own", "a b")
ast.parse("x = 1")
dataclasses.make_dataclass("Own", ["a"])
logging.getLogger("own").debug("text")
with tempfile.TemporaryDirectory() as folder: pass
with tempfile.NamedTemporaryFile(): pass
list(pkgutil.iter_modules(["."]))
os.path.abspath("x"), os.path.realpath("x")
os.path.expanduser("~root")
urllib.request.getproxies()
subprocess.run([sys.executable, "-I", "-S", "-c", ""])
shutil.which("true")
os.makedirs("one/two", exist_ok=True)
locale.getlocale()
string.Template("$a").substitute(a=1)
pickle.dumps(len)
asyncio.run(asyncio.sleep(0))
uuid.uuid5(uuid.NAMESPACE_DNS, "a.example")
pkgutil.resolve_name("os:path")
json.JSONEncoder().encode([1]), json.loads("[1]")
multiprocessing.cpu_count()
email.message_from_string("Content-Transfer-Encoding: base64\\n\\naGk=").get_payload(decode=True)
email.utils.make_msgid(domain="a.example")
timeit.timeit("1", number=1)
importlib.metadata.entry_points()
pathlib.Path.home()
shutil.make_archive("archive", "gztar", "one"), shutil.unpack_archive("archive.tar.gz", "three")
try: http.client.HTTPConnection("127.0.0.1", 1).connect()
except OSError: pass
class Named:
    compress = decompress = random = stat = getcwd = dumps = eval = lambda self: 0
    environ = {"PATH": 1}
one = Named()
one.compress(), one.decompress(), one.random(), one.stat(), one.getcwd(), one.dumps(), one.eval()
one.environ.get("PATH"), one.environ["PATH"], dict(one.environ)
with open("module.py", "w") as file: file.write("import string\\nx = 1\\n")
sys.path.insert(0, os.curdir)
import module
sys.modules["Crypto"] = types.ModuleType("Crypto")
import Crypto
"text".encode().decode().startswith("t"), "".join(["a"]), io.StringIO().write("a"), " a".strip(), [1].pop()
"""
