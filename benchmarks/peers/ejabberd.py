"""ejabberd as the distribution ships it: a session for each end, one message routed between two full addresses.

It runs as a plain Erlang node of ours, not as the system's service: own configuration, own spool, no `epmd`, and
nothing left behind. Its message archive (mod_mam in mnesia) is off or on; without it a message is stored nowhere.
"""

from __future__ import annotations

import base64
import re
import shutil
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
MANAGEMENT = "urn:xmpp:sm:3"
REQUEST = f"<r xmlns='{MANAGEMENT}'/>".encode()
ACKED = re.compile(rb"<a [^>]*?h='(\d+)'")
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
{more}"""


def libraries() -> Path | None:
    """Where the distribution put ejabberd's and its friends' compiled code."""
    return next((found.parent for found in Path("/usr/lib").glob("*/ejabberd-*/") if (found / "ebin").is_dir()), None)


class Stanzas:
    """Splits a stream of XML: what ends with `>` is complete, for texts have theirs escaped; a message with its end."""

    def __init__(self) -> None:
        self.owed = b""

    def whole(self, data: bytes) -> int:
        """Raises Lost at the end of the stream."""
        if data.endswith(b"</stream:stream>"):
            raise Lost(data[-200:].decode(errors="replace"))
        last = data.rfind(b"<message ")
        if last >= 0 and data.find(b"</message>", last) < 0:
            return last
        return data.rfind(b">") + 1


class Managed(Stanzas):
    """Under stream management (XEP-0198): the server asks how many messages have been handled, and is owed that."""

    def __init__(self) -> None:
        super().__init__()
        self._handled = 0

    def whole(self, data: bytes) -> int:
        """Counts, and answers."""
        end = super().whole(data)
        self._handled += data.count(b"<message ", 0, end)
        if data.find(b"<r ", 0, end) >= 0:
            self.owed = f"<a xmlns='{MANAGEMENT}' h='{self._handled}'/>".encode()
        return end


class Session:
    """A client that registers, logs in and binds; blocking."""

    def __init__(self, ports: dict[str, int], transport: str, user: str, acks: bool = False) -> None:
        self.address = f"{user}@localhost/b"
        self._transport, self._acks = transport, acks
        self.split: Split = Frames() if transport == "websocket" else Managed() if acks else Stanzas()
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
        if acks:
            self._say(f"<enable xmlns='{MANAGEMENT}'/>", "<enabled")

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
            if self._acks:
                stanza += REQUEST
            return frame(stanza) if self._transport == "websocket" else stanza

        return compose


class Ejabberd(ProgramPeer):
    """With or without its archive, over TCP or WebSocket; over TCP also with acks, which are stream management's.

    An ack says that the server has handled a message; the other end owes the server one for what it has received.
    """

    def __init__(self, *, archive: bool = False, transport: str = "tcp", acks: bool = False) -> None:
        super().__init__()
        self.name = f"ejabberd, {'archive' if archive else 'nothing stored'}, {transport}{', acks' if acks else ''}"
        stored, acked = "archived in mnesia" if archive else "nothing stored", "acked when read" if acks else "no ack"
        self.promises = f"{stored}, {acked}"
        self.recognise = Recognise(
            delivered=re.compile(b"<body>" + TOKEN), acked=ACKED if acks else None, refused=b"type='error'"
        )
        self._archive, self._transport, self._acks = archive, transport, acks
        self._ports = {"tcp": free_port(), "websocket": free_port()}

    @classmethod
    def missing(cls) -> str | None:
        """It comes with Debian."""
        return None if libraries() and shutil.which("erl") else "apt-get install ejabberd"

    @classmethod
    def versions(cls) -> dict[str, str]:
        """ejabberd's."""
        found = next(Path("/usr/lib").glob("*/ejabberd-*/"), None)
        return {"ejabberd": found.name.partition("-")[2]} if found else {}

    async def start(self) -> None:
        """An Erlang node without a name, so without `epmd`."""
        directory = self.programs.directory
        configuration = directory / "ejabberd.yml"
        more = f"{ARCHIVE if self._archive else ''}{'  mod_stream_mgmt: {}' if self._acks else ''}"
        configuration.write_text(CONFIGURATION.format(**self._ports, more=more))
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
        visitor, agent = (Session(self._ports, self._transport, f"{side}{number}", self._acks) for side in "va")
        return Conversation(visitor.line(agent.address), agent.line(visitor.address))
