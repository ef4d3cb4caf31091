"""What happens to a group's actor, as its journal holds it."""

from typing import ClassVar

from msgspec import Raw

from actors.telegram.commands import Cursor, Operation, Say
from actors.telegram.state import Errand
from runtime.machine import Event, Signal


class GroupEvent(Event, frozen=True):
    """Any event of a group. Nobody watches it, and no list has it."""

    lasting: ClassVar[bool] = False
    quiet: ClassVar[bool] = True
    published: ClassVar[bool] = False


class Told(GroupEvent, frozen=True, tag="told"):
    """A conversation has something for the group."""

    conversation: str
    sequence: int
    phase: str
    visitor: str
    owner: str = ""
    answered: bool = False
    """An agent spoke: nobody waits for her any more."""


class AlertRaised(GroupEvent, frozen=True, tag="alert_raised"):
    """The agents on duty are mentioned; once more then, if nobody answers. 0: this was the last time."""

    conversation: str
    keyword: str
    again_ms: int


class UpdateTaken(GroupEvent, frozen=True, tag="update_taken"):
    """Telegram's update is done with, or what follows in the journal does it."""

    update_id: int


class ErrandBegun(GroupEvent, frozen=True, tag="errand_begun"):
    """A member's order is on its way."""

    errand: Errand


class ErrandEnded(GroupEvent, frozen=True, tag="errand_ended"):
    """The order was taken, up to the receiver's sequence; or refused."""

    number: int
    sequence: int = 0
    refused: bool = False


class Spoke(GroupEvent, frozen=True, tag="spoke"):
    """The bridge has something to say for itself."""

    say: Say


class StrangerTold(GroupEvent, frozen=True, tag="stranger_told"):
    """Somebody who is no agent was told how to become one."""

    user: int


class ResolutionAsked(GroupEvent, frozen=True, tag="resolution_asked"):
    """The card's buttons ask for the resolution, or no longer."""

    conversation: str
    on: bool = True


class CallBegun(GroupEvent, frozen=True, tag="call_begun"):
    """A call to Telegram may have been made from now on; it counts against the limits."""

    number: int
    operation: Operation


class CallDone(GroupEvent, frozen=True, tag="call_done"):
    """Telegram has done it: see `actors.telegram.commands.Performed`."""

    number: int
    message: int = 0
    upto: Cursor = (0, 0)
    full: bool = False
    topic: int = 0


class CallPostponed(GroupEvent, frozen=True, tag="call_postponed"):
    """It was not done, or nobody knows. No call is made before that time."""

    number: int
    until_ms: int
    refused: bool = False
    flood: bool = False
    """By flood control: nothing else ends that."""


class CallDropped(GroupEvent, frozen=True, tag="call_dropped"):
    """Telegram refuses it whatever we do: what it was to show is left out."""

    number: int


class PlaceLost(GroupEvent, frozen=True, tag="place_lost"):
    """Somebody has deleted the page, the card, or the topic: the call's thread goes on without it. Or the message that
    words reply to."""

    number: int
    what: str


class GroupMoved(GroupEvent, frozen=True, tag="group_moved"):
    """The configured group has become a supergroup, with another id."""

    configured: int
    group: int


class TopicsRefused(GroupEvent, frozen=True, tag="topics_refused"):
    """Topics cannot be made here: the group itself is written to, for a while."""

    number: int


class TopicsPermitted(GroupEvent, frozen=True, tag="topics_permitted"):
    """The bot's rights have changed: topics may be tried again."""


class ProblemFound(GroupEvent, frozen=True, tag="problem_found"):
    """Something keeps messages from the group; told to the agents."""

    text: str


class ProblemSolved(GroupEvent, frozen=True, tag="problem_solved"):
    """Nothing does any more."""


class Named(GroupEvent, frozen=True, tag="named"):
    """What Telegram calls the bot."""

    username: str


class Forgotten(GroupEvent, frozen=True, tag="forgotten"):
    """These conversations are over for so long that nothing is to be known of them any more."""

    conversations: tuple[str, ...]


class Baseline(GroupEvent, frozen=True, tag="baseline"):
    """All that the events before it add up to, as JSON: see `actors.telegram.baseline`."""

    state: Raw


AnyGroupEvent = (
    Baseline
    | Told
    | AlertRaised
    | UpdateTaken
    | ErrandBegun
    | ErrandEnded
    | Spoke
    | StrangerTold
    | ResolutionAsked
    | CallBegun
    | CallDone
    | CallPostponed
    | CallDropped
    | PlaceLost
    | GroupMoved
    | TopicsRefused
    | TopicsPermitted
    | ProblemFound
    | ProblemSolved
    | Named
    | Forgotten
)


class AskedAgain(Signal, frozen=True):
    """A bridge, or this actor, has a new life: what is under way is asked for again."""


class Looked(Signal, frozen=True):
    """Conversations whose time is over were looked for."""


class ButtonAnswered(Signal, frozen=True):
    """Who has pressed it is told what came of it."""

    button: str
    text: str
    alert: bool = False
