"""Why nobody has a waiting conversation yet, in words that people understand."""

from actors.supervisor.dispatch import Dispatch
from actors.supervisor.line import Waiting


def why_not(dispatch: Dispatch, one: Waiting) -> str:
    """Why nobody has it yet."""
    agents = dispatch.roster.all
    if one.asked:
        return f"Offered to {agents[one.asked].name if one.asked in agents else one.asked}."
    if one.held_for:
        return f"Waits a moment for {agents[one.held_for].name}, who had this visitor last."
    if one.again_ms:
        return "Everybody who is free has been asked; they are asked again in a moment."
    online = [other for other in agents.values() if other.status == "online"]
    if not online:
        return "Everybody who is here is busy." if dispatch.roster.present else "Nobody is online."
    if not any(other.suits(*one.need) for other in online):
        return f"Nobody online has {' and '.join(word for word in one.need if word)}; anybody will do soon."
    return "Everybody who could take it has all they can do."
