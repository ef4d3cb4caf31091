"""What whoever waits is told when the command was not taken, or nobody knows whether it was."""

from runtime.messages import Refusal, Reply

OVERLOADED = Reply(refusal=Refusal("overloaded", "The system is busy. Try again in a moment.", {}))
"""It was not done, or it is not known to be: the same ref may be sent again."""
MOVED = Reply(refusal=Refusal("overloaded", "The conversation is moving to another host. Try again in a moment.", {}))
UNREADABLE = Reply(refusal=Refusal("internal", "Something went wrong here. It has been written to the log.", {}))
"""The actor's journal has what this version does not understand."""
STUMBLED = UNREADABLE
"""The code has a fault: the actor was dropped, and is read again when next needed."""
