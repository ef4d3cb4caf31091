"""What follows from each command to a conversation, in each state, from each sender."""

from tests.actors.scene import ALICE, BOB, ITSELF, MONA, STRANGER, SUPERVISOR, VISITOR, WORKER, ZOE
from tests.actors.table import cells

SENDERS = {
    "visitor": VISITOR,
    "stranger": STRANGER,
    "alice": ALICE,
    "bob": BOB,
    "mona": MONA,
    "zoe": ZOE,
    "supervisor": SUPERVISOR,
    "worker": WORKER,
    "itself": ITSELF,
}
"""`stranger` is another visitor; Alice and Bob are agents of the bot, Mona manages them, Zoe is another bot's."""

# States = senders: what follows; ...    `!` is a refusal, brackets are a signal, `-` is nothing at all.
# Who is not named is refused as `forbidden`; the team are Alice, Bob and Mona.
TABLE = """
open
    new = visitor: conversation_opened message_sent
    assistant asked queued offered live named handed closed = visitor: -
send_message
    new = all: !not_found
    assistant asked queued offered named handed = visitor: message_sent; team: !not_allowed
    live = visitor alice: message_sent; bob mona: !not_allowed
    closed = visitor team: !closed
send_message take_over
    new = all: !not_found
    assistant asked queued named = visitor: message_sent; team: agent_assigned message_sent
    offered handed = visitor: message_sent; team: offer_ended agent_assigned message_sent
    live = visitor alice: message_sent; bob: !conflict; mona: agent_released agent_assigned message_sent
    closed = visitor team: !closed
edit_message
    new = all: !not_found
    assistant asked queued offered live named handed = team: message_edited
    closed = team: !closed
set_typing
    new = all: !not_found
    assistant asked queued offered named handed = visitor: (TypingSignalled); team: !not_allowed
    live = visitor alice: (TypingSignalled); bob mona: !not_allowed
    closed = visitor team: !closed
mark_read
    new = all: !not_found
    assistant asked queued offered named handed closed = visitor team: read_marked
    live = visitor alice: read_marked; bob mona: -
update_details
    new = all: !not_found
    assistant asked queued offered live named handed closed = visitor: details_changed
add_note
    new = all: !not_found
    assistant asked queued offered live named handed closed = team: note_added
change_tags
    new = all: !not_found
    assistant asked queued offered live named handed closed = team: tags_changed
attached
    new = all: !not_found
    assistant asked queued offered live named handed closed = visitor team: (SessionsChanged)
detached
    new = all: -
    assistant asked queued offered live named handed closed = all: (SessionsChanged) (VisitorSeen)
request_human
    new = all: !not_found
    assistant asked = visitor: human_requested
    queued offered live named handed = visitor: !not_allowed
    closed = visitor: !closed
take_over
    new = all: !not_found
    assistant asked queued named = team: agent_assigned
    offered handed = team: offer_ended agent_assigned
    live = alice: -; bob: !conflict; mona: agent_released agent_assigned
    closed = team: !closed
accept_offer
    new = all: !not_found
    assistant asked queued named = team: !not_allowed
    offered = alice: offer_ended agent_assigned; bob mona: !not_allowed
    live = alice: -; bob mona: !conflict
    handed = alice mona: !not_allowed; bob: offer_ended agent_assigned
    closed = team: !closed
decline_offer
    new = all: !not_found
    assistant asked queued live named = team: !not_allowed
    offered = alice: offer_ended; bob mona: !not_allowed
    handed = alice mona: !not_allowed; bob: offer_ended agent_assigned
    closed = team: !closed
return_to_assistant
    new = all: !not_found
    assistant asked = team: !not_allowed
    queued named = team: returned_to_assistant
    offered handed = team: offer_ended returned_to_assistant
    live = alice mona: agent_released returned_to_assistant; bob: !not_allowed
    closed = team: !closed
transfer
    new = all: !not_found
    assistant asked queued offered named handed = team: !not_allowed
    live = alice mona: agent_released human_requested; bob: !not_allowed
    closed = team: !closed
transfer to bob
    new = all: !not_found
    assistant asked queued offered named handed = team: !not_allowed
    live = alice mona: note_added agent_released human_requested; bob: !not_allowed
    closed = team: !closed
assign alice
    new = all: !not_found
    assistant asked queued named = mona: agent_assigned
    offered handed = mona: offer_ended agent_assigned
    live = mona: -
    closed = mona: !closed
assign bob
    new = all: !not_found
    assistant asked queued named = mona: agent_assigned
    offered handed = mona: offer_ended agent_assigned
    live = mona: agent_released agent_assigned
    closed = mona: !closed
set_priority
    new = all: !not_found
    assistant asked queued offered live named handed = mona: priority_changed
    closed = mona: !closed
close_conversation
    new = all: !not_found
    assistant asked queued named = team: conversation_closed
    offered handed = team: offer_ended conversation_closed
    live = alice mona: agent_released conversation_closed; bob: !not_allowed
    closed = team: !closed
end_conversation
    new = all: !not_found
    assistant asked queued named = visitor: conversation_closed
    offered handed = visitor: offer_ended conversation_closed
    live = visitor: agent_released conversation_closed
    closed = visitor: !closed
go_on
    new = all: !not_found
    assistant asked queued offered live named handed = visitor: -
    closed = visitor: (GoneOn)
rate
    new = all: !not_found
    assistant asked queued offered live named handed closed = visitor: rated
offer
    new assistant asked offered live handed closed = team zoe: (SlotReturned)
    queued = team: offered; zoe: (SlotReturned)
    named = alice mona zoe: (SlotReturned); bob: offered
offer late
    new assistant asked queued offered live named handed closed = team zoe: (SlotReturned)
offer overtaken
    new assistant asked queued offered live named handed closed = team zoe: (SlotReturned)
slot_denied
    new = team zoe: !not_found
    assistant asked queued offered live handed closed = team zoe: -
    named = alice mona zoe: -; bob: offer_ended agent_assigned
agent_gone
    new assistant asked closed = team zoe: (SlotReturned)
    queued = team: offer_ended; zoe: (SlotReturned)
    offered = alice: offer_ended; bob mona zoe: (SlotReturned)
    live = alice: agent_released human_requested; bob mona zoe: (SlotReturned)
    named = alice: sender_left; bob: offer_ended agent_assigned; mona zoe: (SlotReturned)
    handed = alice: sender_left; bob: offer_ended agent_assigned; mona zoe: (SlotReturned)
agent_gone late
    new assistant asked queued closed = team zoe: (SlotReturned)
    offered live = alice: -; bob mona zoe: (SlotReturned)
    named = alice: sender_left; bob mona zoe: (SlotReturned)
    handed = alice: sender_left; bob: -; mona zoe: (SlotReturned)
agent_presence
    new = team zoe: !not_found
    assistant asked queued offered named handed closed = team zoe: -
    live = alice: (AgentSeen); bob mona zoe: -
check_slot
    new assistant asked closed = team zoe: (SlotReturned)
    queued = team: -; zoe: (SlotReturned)
    offered = alice: (OfferRepeated); bob mona zoe: (SlotReturned)
    live = alice: -; bob mona zoe: (SlotReturned)
    named = alice bob: -; mona zoe: (SlotReturned)
    handed = alice: -; bob: (OfferRepeated); mona zoe: (SlotReturned)
check_slot late
    new assistant asked queued closed = team zoe: (SlotReturned)
    offered = alice: (OfferRepeated); bob mona zoe: (SlotReturned)
    live named = alice: -; bob mona zoe: (SlotReturned)
    handed = alice: -; bob: (OfferRepeated); mona zoe: (SlotReturned)
nobody
    new = supervisor: !not_found
    assistant asked offered live named handed closed = supervisor: -
    queued = supervisor: offline_answered message_sent returned_to_assistant tags_changed
nobody late
    new = supervisor: !not_found
    assistant asked queued offered live named handed closed = supervisor: -
position
    new = supervisor: !not_found
    assistant asked live closed = supervisor: -
    queued offered named handed = supervisor: (PlaceChanged) (PlaceShown)
position late
    new = supervisor: !not_found
    assistant asked queued offered live named handed closed = supervisor: (NotWaiting)
assistant_chunk
    new = worker: !not_found
    assistant queued offered live named handed closed = worker: (StaleRefused)
    asked = worker: (ChunkArrived)
assistant_chunk late
    new = worker: !not_found
    assistant asked queued offered live named handed closed = worker: (StaleRefused)
assistant_answer
    new = worker: !not_found
    assistant queued offered live named handed closed = worker: (StaleRefused)
    asked = worker: message_sent
assistant_answer late
    new = worker: !not_found
    assistant asked queued offered live named handed closed = worker: (StaleRefused)
assistant_answer phrase
    new = worker: !not_found
    assistant queued offered live named handed closed = worker: (StaleRefused)
    asked = worker: human_requested
offer_expired early
    new = itself: !not_found
    assistant asked queued offered live named handed closed = itself: -
offer_expired
    new = itself: !not_found
    assistant asked queued live closed = itself: -
    offered = itself: offer_ended
    named handed = itself: offer_ended agent_assigned
waited_too_long early
    new = itself: !not_found
    assistant asked queued offered live named handed closed = itself: -
waited_too_long
    new = itself: !not_found
    assistant asked live closed = itself: -
    queued = itself: offline_answered message_sent returned_to_assistant tags_changed
    offered = itself: offer_ended offline_answered message_sent returned_to_assistant tags_changed
    named = itself: agent_assigned
    handed = itself: offer_ended agent_assigned
turn_timed_out early
    new = itself: !not_found
    assistant asked queued offered live named handed closed = itself: -
turn_timed_out
    new = itself: !not_found
    assistant queued offered live named handed closed = itself: -
    asked = itself: turn_retried
target_missed early
    new = itself: !not_found
    assistant asked queued offered live named handed closed = itself: -
target_missed
    new = itself: !not_found
    assistant asked queued offered named handed closed = itself: -
    live = itself: message_sent
visitor_silent early
    new = itself: !not_found
    assistant asked queued offered live named handed closed = itself: -
visitor_silent
    new = itself: !not_found
    assistant = itself: message_sent
    asked queued offered live named handed closed = itself: -
"""

CELLS = cells(TABLE, SENDERS, {"team": "alice bob mona"})
"""What the table says, by command, state and sender."""
