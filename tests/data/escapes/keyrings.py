"""The kernel's keyrings, which no namespace keeps apart."""

from burglar.tools import call, tell

SESSION, USER, READ, JOIN, LINK, SEARCH = -3, -4, 11, 1, 8, 10

tell("keyrings", {
    "add_key": call("add_key", b"user", b"escape", b"value", 5, SESSION),
    "request_key": call("request_key", b"user", b"escape", None, 0),
    "join": call("keyctl", JOIN, None),
    "read": call("keyctl", READ, USER, None, 0),
    "search": call("keyctl", SEARCH, USER, b"user", b"escape", 0),
    "link": call("keyctl", LINK, USER, SESSION),
})
