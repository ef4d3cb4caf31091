"""ejabberd as the distribution ships it: a session for each end, one message routed between two full addresses.

It runs as a plain Erlang node of ours, not as the system's service: own configuration, own spool, no `epmd`, and
nothing left behind. Its message archive (mod_mam in mnesia) is off or on; without it a message is stored nowhere.
"""

from __future__ import annotations

import base64
import re
import socket
from collections.abc import Callable
from html import escape
from pathlib import Path

from benchmarks.load.line import NUMBER, TOKEN, Conversation, Line, Recognise, Split
from benchmarks.load.websocket import RECEIVE_BYTES, Client, Frames, Lost, frame
from benchmarks.peers.program import ProgramPeer
from benchmarks.ports import free_port
from benchmarks.processes import Process

CLIENT = "jabber:client"
SASL = "urn:ietf:params:xml:ns:xmpp-sasl"
FRAMING = "urn:ietf:params:xml:ns:xmpp-framing"
OPEN = {
    "tcp": f"<?xml version='1.0'?><stream:stream to='localhost' xmlns='{CLIENT}' "
    "xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>",
    "websocket": f"<open xmlns='{FRAMING}' to='localhost' version='1.0'/>",
}
ARCHIVE = "  mod_mam:\n    default: always\n    db_type: mnesia\n"
CONFIGURATION = """\
hosts: [localhost]
loglevel: error
auth_method: internal
auth_password_format: plain
registration_timeout: infinity
certfiles: []
listen:
  - {{port: {tcp}, ip: "127.0.0.1", module: ejabberd_c2s, max_stanza_size: 262144, shaper: none, access: all}}
  - {{port: {websocket}, ip: "127.0.0.1", module: ejabberd_http, request_handlers: {{/ws: ejabberd_http_ws}}}}
modules:
  mod_register: {{access: all, ip_access: all}}
{archive}"""


def libraries() -> Path | None:
    """Where the distribution put ejabberd's and its friends' compiled code."""
    return next((found.parent for found in Path("/usr/lib").glob("*/ejabberd-*/") if (found / "ebin").is_dir()), None)


class Stanzas:
    """Splits a stream of XML: what ends with `>` is complete, for texts have theirs escaped."""

    owed = b""

    def whole(self, data: bytes) -> int:
        """Raises Lost at the end of the stream."""
        if data.endswith(b"</stream:stream>"):
            raise Lost(data[-200:].decode(errors="replace"))
        return data.rfind(b">") + 1


class Session:
    """A client that registers, logs in and binds; blocking."""

    def __init__(self, ports: dict[str, int], transport: str, user: str) -> None:
        self.address = f"{user}@localhost/b"
        self._transport = transport
        self.split: Split = Frames() if transport == "websocket" else Stanzas()
        if transport == "websocket":
            self._client = Client(ports[transport], "/ws", "xmpp")
            self.socket = self._client.socket
            self._space = f" xmlns='{CLIENT}'"
        else:
            self.socket = socket.create_connection(("127.0.0.1", ports[transport]), 30)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._space = ""
        plain = base64.b64encode(f"\0{user}\0secret".encode()).decode()
        iq = f"<iq{self._space} type='set' id"
        self._say(OPEN[transport], "features>")
        self._say(
            f"{iq}='r'><query xmlns='jabber:iq:register'><username>{user}</username>"
            "<password>secret</password></query></iq>",
            "type='result'",
        )
        self._say(f"<auth xmlns='{SASL}' mechanism='PLAIN'>{plain}</auth>", "<success")
        self._say(OPEN[transport], "features>")
        bind = "<bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>b</resource></bind>"
        self._say(f"{iq}='b'>{bind}</iq>", "<jid>")
        self._say(f"<presence{self._space}/>", "<presence")

    def _say(self, stanza: str, answer: str) -> None:
        """Send, and read until the answer has come."""
        if self._transport == "websocket":
            self._client.send(stanza.encode())
            self._client.until(lambda got: answer.encode() in got)
            return
        self.socket.sendall(stanza.encode())
        got = b""
        while answer.encode() not in got or not got.endswith(b">"):
            data = self.socket.recv(RECEIVE_BYTES)
            if not data:
                raise Lost(got.decode(errors="replace"))
            got += data

    def line(self, to: str) -> Line:
        """Speaks to one address."""
        return Line(self.socket, self._says(to), self.split)

    def _says(self, to: str) -> Callable[[str], bytes]:
        def compose(text: str) -> bytes:
            stanza = (
                f"<message{self._space} to='{to}' type='chat' id='{NUMBER}'>"
                f"<body>{escape(text, quote=False)}</body></message>"
            ).encode()
            return frame(stanza) if self._transport == "websocket" else stanza

        return compose


class Ejabberd(ProgramPeer):
    """With or without its archive, over TCP or WebSocket."""

    recognise = Recognise(delivered=re.compile(b"<body>" + TOKEN), refused=b"type='error'")

    def __init__(self, *, archive: bool = False, transport: str = "tcp") -> None:
        self.name = f"ejabberd, {'archive' if archive else 'nothing stored'}, {transport}"
        self.promises = "archived in mnesia; no ack" if archive else "nothing stored, no ack"
        super().__init__()
        self._archive, self._transport = archive, transport
        self._ports = {"tcp": free_port(), "websocket": free_port()}

    @classmethod
    def missing(cls) -> str | None:
        """It comes with Debian."""
        return None if libraries() else "apt-get install ejabberd"

    @classmethod
    def versions(cls) -> dict[str, str]:
        """ejabberd's."""
        found = next(Path("/usr/lib").glob("*/ejabberd-*/"), None)
        return {"ejabberd": found.name.partition("-")[2]} if found else {}

    async def start(self) -> None:
        """An Erlang node without a name, so without `epmd`."""
        directory = self.programs.directory
        configuration = directory / "ejabberd.yml"
        configuration.write_text(CONFIGURATION.format(**self._ports, archive=ARCHIVE if self._archive else ""))
        spool = f'"{directory / "spool"}"'
        await self.programs.start(
            ["erl", "+K", "true", "+P", "250000", "-noinput", "-mnesia", "dir", spool, "-s", "ejabberd"],
            self._ports[self._transport],
            {
                "ERL_LIBS": str(libraries()),
                "ERL_MAX_PORTS": "32000",
                "EJABBERD_CONFIG_PATH": str(configuration),
                "EJABBERD_LOG_PATH": str(directory / "ejabberd.log"),
                "HOME": str(directory),
            },
        )

    def group(self, process: Process) -> str:
        """erlang, or what it started."""
        return "erlang" if "beam" in process.title else "other"

    def pair(self, number: int) -> Conversation:
        """Each end registers, logs in and is present."""
        visitor, agent = (Session(self._ports, self._transport, f"{side}{number}") for side in "va")
        return Conversation(visitor.line(agent.address), agent.line(visitor.address))
