"""A bot's Telegram group: what is to be shown there, and what its members have answered. One actor a bot.

    conversation ── Mirror ──> thread: what was told, what is shown ── Perform ──> bridge ── Bot API ──> the group
    the group ── update ──> bridge ── Update ──> errand ── Run ──> bridge ── command as the agent ──> conversation

The machine decides all of it: which call is made next and when (Telegram's limits are its own), and what an update
means. It holds no texts: a thread knows up to which sequence its conversation is shown, and the bridge reads the rest
from the journal, so whatever waits is coalesced, in order, and small. The bridge is a process that makes one call at a
time for the group. It must not know what an update means, nor the machine how a message looks.
"""

from actors.telegram.machine import TelegramMachine

__all__ = ["TelegramMachine"]
