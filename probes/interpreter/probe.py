def _observe():
    """Reports what this interpreter does, and which line of code does it, to the sandbox's events pipe.

    This text is appended to the standard library's `encodings/__init__.py` (by `overlay.py`), which every interpreter imports
    before any site, `.pth` or package code, with -I, -S and -E too. It runs inside the package's process, so all that it says is
    hearsay: it adds *who* to what the kernel shows, and is the only witness for what no system call shows, such as the time.
    It must never change what the package sees: whatever fails in here fails silently, and the supervisor tells a silent probe from
    an absent one by the first line that each interpreter sends.

    Lines (format 1; JSON, at most 4,000 bytes, so that writes to the pipe are atomic):
    {"t": time, "p": pid, "n": number, "e": event, "a": [arguments as text], "f": file, "l": line, "m": module, "s": [[file, line]…]}
    `f`, `l` and `m` are the nearest frame that is not the standard library's; `s` the next ones like it, outwards.
    The first line of a process has the event "start" and its argv as arguments.
    """
    import posix
    import sys
    import time
    from _thread import get_ident, start_new_thread

    try:
        # The name does not exist. Its failing lookup puts this process's own number beside the tracer's into the tracer's log.
        posix.open("/run/session/events/%d" % posix.getpid(), posix.O_WRONLY)
    except OSError:
        pass
    try:
        pipe = posix.open("/run/session/events", posix.O_WRONLY | posix.O_CLOEXEC)
    except OSError:
        return
    # A high number is in nobody's way: closing 3 to 9 by hand is a habit of shell scripts and daemons.
    try:
        high = posix.dup2(pipe, 800, False)
        posix.close(pipe)
        pipe = high
    except OSError:
        pass

    clock = time.time
    write = posix.write
    getpid = posix.getpid
    getframe = sys._getframe
    library = (sys.base_prefix if hasattr(sys, "base_prefix") else sys.prefix) + "/lib/python"
    own_file = __file__
    state = {"n": 0}
    busy = set()
    sites = set()

    def text(value):
        if isinstance(value, bytes):
            value = value.decode("utf-8", "replace")
        elif isinstance(value, (list, tuple)):
            value = " ".join([text(part) for part in value[:20]])
        elif not isinstance(value, (str, int)):
            value = "<" + type(value).__name__ + ">"
        return str(value)[:300]

    def quote(value):
        out = ['"']
        for character in value:
            code = ord(character)
            if character in '"\\':
                out.append("\\" + character)
            elif 32 <= code < 127:
                out.append(character)
            elif code < 0x10000:
                out.append("\\u%04x" % code)
            else:
                code -= 0x10000
                out.append("\\u%04x\\u%04x" % (0xD800 + (code >> 10), 0xDC00 + (code & 0x3FF)))
        out.append('"')
        return "".join(out)

    def is_library(name):
        if name.startswith("<frozen") or name == own_file:
            return True
        return name.startswith(library) and "/site-packages/" not in name and "/dist-packages/" not in name

    def callers(frame):
        found = []
        depth = 0
        while frame is not None and depth < 200 and len(found) < 6:
            name = frame.f_code.co_filename
            if not is_library(name):
                found.append((name, frame.f_lineno or 0, frame.f_globals.get("__name__")))
            frame = frame.f_back
            depth += 1
        return found

    def send(event, arguments, frame):
        found = callers(frame)
        state["n"] += 1
        name, line, module = found[0] if found else ("", 0, "")
        stack = ",".join(["[%s,%d]" % (quote(text(where)[:200]), number) for where, number, _ in found[1:]])
        message = '{"t":%.6f,"p":%d,"n":%d,"e":%s,"a":[%s],"f":%s,"l":%d,"m":%s,"s":[%s]}\n' % (
            clock(), getpid(), state["n"], quote(event), ",".join([quote(text(one)) for one in arguments[:6]]),
            quote(text(name)), line, quote(text(module or "")), stack,
        )  # fmt: skip
        if len(message) > 4000:
            message = '{"t":%.6f,"p":%d,"n":%d,"e":%s,"a":[],"f":%s,"l":%d,"m":%s,"s":[]}\n' % (
                clock(), getpid(), state["n"], quote(event), quote(text(name)), line, quote(text(module or "")),
            )  # fmt: skip
        write(pipe, message.encode("ascii"))

    watched = {
        "os.rename", "os.remove", "os.rmdir", "os.mkdir", "os.symlink", "os.link", "os.chmod", "os.chown", "os.truncate", "os.utime",
        "os.system", "os.exec", "os.posix_spawn", "os.fork", "os.forkpty", "os.kill", "os.chdir", "os.putenv", "os.unsetenv",
        "subprocess.Popen", "pty.spawn", "webbrowser.open", "socket.connect", "socket.bind", "socket.sendto", "socket.sendmsg",
        "socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr", "socket.gethostname", "ctypes.dlopen",
        "http.client.connect", "urllib.Request", "smtplib.connect", "ftplib.connect", "sqlite3.connect", "shutil.copyfile",
        "shutil.move", "shutil.rmtree", "shutil.make_archive", "shutil.unpack_archive", "tempfile.mkstemp", "tempfile.mkdtemp",
        "resource.setrlimit", "signal.pthread_kill", "sys.addaudithook", "sys.settrace", "sys.setprofile", "fcntl.flock",
    }  # fmt: skip
    quiet = (".py", ".pyc", ".so", "pyvenv.cfg", ".pth")

    def hook(event, arguments):
        if event == "open":
            path = arguments[0]
            if not isinstance(path, (str, bytes)):
                return
            path = text(path)
            if path.startswith(library) or path.endswith(quiet) and not (arguments[2] or 0) & 3:
                return
        elif event not in watched:
            return
        me = get_ident()
        if me in busy:
            return
        busy.add(me)
        try:
            send(event, arguments, getframe(1))
        except Exception:  # noqa: BLE001, S110 the outermost frame inside a foreign process; raising would change what the package does
            pass
        finally:
            busy.discard(me)

    clocks = {"time", "time_ns", "now", "utcnow", "today", "localtime", "gmtime", "ctime", "asctime"}
    sockets = {"listen", "_accept", "send", "sendall", "recv", "recv_into", "connect", "connect_ex"}
    unless_given = {"localtime", "gmtime", "ctime", "asctime"}

    def called(frame, function, arguments):
        """One call of a C function. `arguments` is how many it got, or -1 where that is not known."""
        name = function.__name__
        owner = function.__self__
        if name in clocks:
            if owner is time:
                if name in unless_given and arguments > 0:
                    return
                event = "time." + name
            elif isinstance(owner, type) and hasattr(owner, "fromtimestamp") and owner.__module__ != "time":
                event = "datetime." + name
            else:
                return
        elif type(owner).__name__ in {"socket", "SSLSocket"}:
            event = "socket." + name.lstrip("_")
        else:
            return
        where = callers(frame)
        if event.startswith(("time.", "datetime.")) and (not where or is_library(frame.f_code.co_filename)):
            return
        site = (event, where[0][:2] if where else None, getpid())
        if site in sites or len(sites) > 10000:
            return
        sites.add(site)
        me = get_ident()
        if me in busy:
            return
        busy.add(me)
        try:
            send(event, (), frame)
        finally:
            busy.discard(me)

    interesting = clocks | sockets

    def profile(frame, event, argument):
        if event == "c_call":
            try:
                if argument is start_new_thread:
                    # A profile function is a thread's own; threading hands this one to the thread that is about to start.
                    threads = sys.modules.get("threading")
                    if threads is not None:
                        threads._profile_hook = profile
                elif argument.__name__ in interesting:
                    code = frame.f_code.co_code
                    at = frame.f_lasti
                    called(frame, argument, code[at + 1] if 0 <= at < len(code) - 1 else -1)
            except Exception:  # noqa: BLE001, S110 as in the hook
                pass

    send("start", getattr(sys, "orig_argv", ())[:6], None)
    posix.register_at_fork(after_in_child=lambda: send("start", ("fork",), None))
    if hasattr(sys, "monitoring"):
        monitoring = sys.monitoring

        def monitored(code, offset, function, first):
            try:
                name = getattr(function, "__name__", None)
                if name in interesting and hasattr(function, "__self__"):
                    given = 0 if first is monitoring.MISSING else 1
                    called(getframe(1), function, given)
                    return None
            except Exception:  # noqa: BLE001, S110 as in the hook
                return None
            return monitoring.DISABLE

        # 4 is none of the numbers that debuggers, profilers and coverage tools take.
        monitoring.use_tool_id(4, "calls")
        monitoring.register_callback(4, monitoring.events.CALL, monitored)
        monitoring.set_events(4, monitoring.events.CALL)
    else:
        sys.setprofile(profile)
    sys.addaudithook(hook)


_observe()
del _observe
