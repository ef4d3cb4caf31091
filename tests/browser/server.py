"""A real `livesupport up` with three bots, a team of three, and a database of places."""

import json
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from mmdb_writer import MMDBWriter
from netaddr import IPSet
from websockets.sync.client import connect

from gateway import passwords

TEAM = (("Alice", "agent", ""), ("Bob", "agent", '"billing"'), ("Mona", "manager", ""))

FAQ = """# Shop

## How do I return something?
<!-- return returns send back -->

You can return anything within 30 days. The label is at https://example.com/returns.

## What does shipping cost?
<!-- shipping delivery -->

Shipping is free from 60 EUR.
"""

HOME = "81.2.69.7"
"""An address that the database of places knows: Boxford, United Kingdom."""

CONFIGURATION = """
[runtime]
hosts = 1

[server]
geoip_database = "places.mmdb"
trusted_proxies = ["127.0.0.1"]

[[bots]]
id = "demo"
name = "Shop"
tier = "premium"
greeting = "Hi! How can I help?"
[bots.assistant]
kind = "knowledge"
paths = ["faq.md"]
[bots.escalation]
keywords = ["chargeback"]

[[bots]]
id = "demo-basic"
name = "Basic"
tier = "basic"
greeting = "Hi! How can I help?"
[bots.assistant]
kind = "knowledge"
paths = ["faq.md"]

[[bots]]
id = "elsewhere"
name = "Elsewhere"
tier = "premium"
greeting = "Hi! How can I help?"
allowed_origins = ["http://localhost:PORT"]
[bots.assistant]
kind = "knowledge"
paths = ["faq.md"]

[[quick_replies]]
shortcut = "hello"
text = "Hi {visitor.name}, this is {agent.name}. How can I help?"

[[quick_replies]]
shortcut = "moment"
text = "One moment please."
"""

AGENT = """
[[agents]]
id = "{id}"
name = "{name}"
email = "{id}@demo.example"
role = "{role}"
bots = ["demo", "demo-basic"]
capacity = 3
skills = [{skills}]
password_hash = "{hash}"
"""


@dataclass
class Server:
    """A real `livesupport up` with a team of three, all with the same password."""

    folder: Path
    port: int
    password: str = "a secret of three words"
    process: subprocess.Popen[str] | None = None
    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def configure(self) -> None:
        """Writes the configuration."""
        (self.folder / "faq.md").write_text(FAQ)
        places = MMDBWriter(ip_version=6, database_type="City", ipv4_compatible=True)
        names = {"city": {"names": {"en": "Boxford"}}, "country": {"names": {"en": "United Kingdom"}}}
        places.insert_network(IPSet([f"{HOME}/32"]), names)
        places.to_db_file(str(self.folder / "places.mmdb"))
        agents = [
            AGENT.format(id=name.lower(), name=name, role=role, skills=skills, hash=passwords.hash(self.password))
            for name, role, skills in TEAM
        ]
        (self.folder / "live.toml").write_text(CONFIGURATION.replace("PORT", str(self.port)) + "".join(agents))

    def start(self) -> None:
        """Returns when it serves."""
        program = [str(Path(sys.executable).with_name("livesupport")), "up", "--port", str(self.port)]
        program += ["--config", str(self.folder / "live.toml"), "--data", str(self.folder)]
        with (self.folder / "up.log").open("a") as log:
            self.process = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=log, text=True)
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("ready"), (self.folder / "up.log").read_text()

    def call(self, method: str, path: str, body: object = None, token: str = "") -> Any:
        """The JSON that an endpoint answers."""
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or b"null")

    def session(self, name: str) -> dict[str, Any]:
        """What an agent's browser keeps once she has logged in: her token, and who she is."""
        if name not in self.sessions or self.has_ended(self.sessions[name]["token"]):
            body = {"email": f"{name}@demo.example", "password": self.password}
            self.sessions[name] = self.call("POST", "/api/login", body)
        return self.sessions[name]

    def has_ended(self, token: str) -> bool:
        """Whether somebody has logged out with this token."""
        try:
            self.call("GET", "/api/me", token=token)
        except HTTPError as refused:
            return refused.code == 401
        return False

    def token(self, name: str) -> str:
        """An agent's token."""
        return str(self.session(name)["token"])

    def say(self, name: str, conversation: str, texts: list[str]) -> None:
        """An agent writes to a conversation of hers; all at once, but in this order."""
        with connect(self.url.replace("http", "ws", 1) + "/ws", proxy=None, max_queue=None) as socket:
            socket.send(json.dumps({"type": "hello", "token": self.token(name)}))
            for number, text in enumerate(texts):
                frame = {"type": "send_message", "ref": f"said-{number}", "conversation": conversation, "text": text}
                socket.send(json.dumps(frame))
            answers: list[str] = []
            while len(answers) < len(texts):
                kind = json.loads(socket.recv())["type"]
                answers += [kind] if kind in ("ack", "error") else []
        assert set(answers) == {"ack"}

    def clear(self) -> None:
        """Nobody is online, and no conversation is open any more."""
        token = self.token("mona")
        for name in ("alice", "bob", "mona"):
            self.call("PUT", f"/api/agents/{name}/status", {"status": "offline"}, token)
        path = "/api/conversations?state=assistant&state=queued&state=live&limit=200"
        for one in self.call("GET", path, token=token)["items"]:
            close = {"type": "close_conversation", "ref": f"clear-{one['id']}", "resolution": "other"}
            self.call("POST", f"/api/conversations/{one['id']}/commands", close, token)

    def stop(self) -> None:
        """Ends it as an operator would."""
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.terminate()
        code = self.process.wait(60)
        self.process.stdout.close()
        assert code == 0, (self.folder / "up.log").read_text()
