"""What runs without a configuration: two bots, a small team, and passwords that are good for one start."""

import secrets
from pathlib import Path

import actors
from actors.settings import (
    AgentSettings,
    AssistantSettings,
    BotSettings,
    Escalation,
    QuickReply,
    Role,
    Routing,
    Settings,
    StoreSettings,
)
from gateway import passwords

TEAM: tuple[tuple[str, Role, list[str]], ...] = (
    ("Alice", "agent", ["billing"]),
    ("Bob", "agent", ["technical"]),
    ("Mara", "manager", ["billing", "technical"]),
    ("Ada", "admin", []),
)

REPLIES = {
    "hello": "Hi {visitor.name}, this is {agent.name}. I have read what you wrote. Give me a moment to look into it.",
    "moment": "Thanks for your patience. I am still on it and will be back with you in a minute.",
    "number": "Could you send me your order number? It is in the confirmation e-mail and begins with a letter.",
    "screenshot": "A screenshot of what you see would help me most. You can drop the picture right into this chat.",
    "else": "Is there anything else I can do for you?",
    "done": "Glad that is settled, {visitor.name}. If it comes back, write here and we pick up where we stopped.",
    "bye": "Thank you for writing to us, {visitor.name}. Have a good day!",
}


def demo(data_dir: Path | str) -> tuple[Settings, dict[str, str]]:
    """The demo's settings, its store in ``data_dir``, and the password of each e-mail, new at every call."""
    words = {f"{name.lower()}@demo.example": secrets.token_urlsafe(9) for name, _, _ in TEAM}
    settings = Settings(
        store=StoreSettings(url=f"sqlite:///{Path(data_dir).resolve() / 'live.db'}"),
        bots=[_premium(), _basic()],
        agents=[_agent(name, role, skills, words) for name, role, skills in TEAM],
        quick_replies=[QuickReply(shortcut=shortcut, text=text) for shortcut, text in REPLIES.items()],
    )
    return settings, words


def _premium() -> BotSettings:
    return BotSettings(
        id="demo",
        name="Fernhill Outfitters",
        tier="premium",
        greeting="Hi! I am Fernhill's assistant. Ask me about an order, or for a human at any time.",
        assistant=AssistantSettings(kind="knowledge", paths=_knowledge()),
        escalation=Escalation(
            phrases=["talk to a human", "speak to someone", "real person"],
            keywords=["lawyer", "chargeback", "complaint", "cancel my account"],
            sentiment_below=-0.6,
        ),
        routing=Routing(agent_greeting="Hi, this is {agent.name}. I have read what you wrote so far."),
    )


def _basic() -> BotSettings:
    return BotSettings(
        id="demo-basic",
        name="Fernhill (AI only)",
        tier="basic",
        greeting="Hi! I am an assistant without humans behind it. What would you like to know?",
        assistant=AssistantSettings(kind="knowledge", paths=_knowledge()),
    )


def _knowledge() -> list[str]:
    """The Markdown files that come with the package."""
    folder = Path(actors.__file__).parent / "assistant" / "demo"
    return [str(path) for path in sorted(folder.glob("*.md"))]


def _agent(name: str, role: Role, skills: list[str], words: dict[str, str]) -> AgentSettings:
    email = f"{name.lower()}@demo.example"
    return AgentSettings(
        id=name.lower(),
        name=name,
        email=email,
        role=role,
        bots=["demo", "demo-basic"],
        skills=skills,
        languages=["en"],
        password_hash=passwords.hash(words[email]),
    )
