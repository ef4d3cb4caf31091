"""The conversation: who may speak for the bot now, and all that was said.

                 request_human, escalation            accept_offer, take_over, assign
    assistant ───────────────────────────> queued ───────────────────────────────────> live
        ^  ^                                  │ nobody comes                             │
        │  └──────────────────────────────────┘ <──── transfer, agent gone ──────────────┤
        └──────────────────────── return_to_assistant ───────────────────────────────────┤
                                                        close, end, idle (from any) ──> closed

The owner changes in these transitions only, and each of them raises the epoch.
"""

from actors.conversation.machine import ConversationMachine

__all__ = ["ConversationMachine"]
