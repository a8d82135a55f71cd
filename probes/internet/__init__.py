"""The simulated internet: every name resolves, every address and port answers, and nothing leaves.

It runs inside the sandbox's own network namespace, which has only `lo`, as two commands:

    python3 -m internet network --record DIR                   once, as the namespace's root: addresses, routes, rules
    python3 -m internet serve --record DIR --ready-fd N        with CAP_NET_ADMIN and CAP_NET_RAW as an ordinary user

DIR/answers.json says what is answered (`internet.answers`). The analyzer never imports this package; what it saw comes back
in DIR, in the format that `internet.wire` describes.
"""
