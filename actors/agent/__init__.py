"""An agent, always a human: her status, her slots, and who is told of them.

    offline ── set_status ──> online <──> busy, away          gone for `disconnect_seconds` ──> offline

Her slots are hers alone to give: an offer reserves one, atomically, so no two offers share it and nobody exceeds her
capacity but herself, by taking over, or a manager. Sessions are signals; several connections of one agent are one
agent, and none is the beginning of the grace.
"""

from actors.agent.machine import AgentMachine

__all__ = ["AgentMachine"]
