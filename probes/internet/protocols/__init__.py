"""What is spoken over TCP apart from HTTP: one module per protocol, each imported when it is first needed.

Every module has one function of the same shape:

    async def serve_X(channel, first, talk, services, *, tls) -> bytes | None

`first` is what was already read of the client, b"" when the server has to speak first. The function answers until the client
ends, and returns None, or returns bytes that begin another conversation on the same channel (a tunnel). It raises what the
channel raises, and `internet.conversation.MalformedError` for what the protocol does not allow.
"""
