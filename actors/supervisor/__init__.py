"""The supervisor of a bot: who waits, who is free, and who gets whom. Not a person, and it holds no truth.

Slots are the agents' own, owners the conversations'; what is here was told by them, or learned anew from the index
when the actor is activated. Everything is event-driven: a pair that could be matched is matched by the event that made
it possible, so only the changed side has to be looked at.
"""

from actors.supervisor.machine import SupervisorMachine

__all__ = ["SupervisorMachine"]
