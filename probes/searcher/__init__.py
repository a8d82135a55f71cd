"""The searcher: finds the values of planted secrets in what the package sent, however it was written.

`python3 -m searcher FOLDER` runs when the simulated internet has ended, as its unprivileged user. It reads, in FOLDER, `secrets.json`
(`values`), `exchanges.jsonl` (`internet.wire`), `sent.bin` (`internet.sent`) and `packets.jsonl` (`dissector.output`), and writes
`secrets.jsonl` (`output`). All but the first was written under the package's influence: time, memory, depth and number of tries
are bounded, and what is not searched is said.

    program    one run, from its files to `secrets.jsonl`; search, its order; output, the lines
    messages   what was sent, piece by piece, with the line that tells of it
    joining    pieces that belong together: what was split over requests, datagrams or names
    hunting    one piece, unwrapped as far as its encodings go
    textual, packed, disguised    the encodings
    values     the values, and where they stand in some bytes
    host       facts of the machine, which count only where several are in one message
"""
