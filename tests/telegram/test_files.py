"""Photos and files go both ways, within limits."""

from typing import Any

import pytest

from tests.telegram.team import ALICE, Team

pytestmark = pytest.mark.anyio

PNG = b"\x89PNG\r\n\x1a\n" + bytes(32)


async def upload(team: Team, visitor: Any, name: str, content: bytes, kind: str) -> Any:
    path = f"/api/conversations/{visitor.conversation['id']}/attachments"
    body = await team.rest.request("POST", path, visitor.token, files={"file": (name, content, kind)})
    return body["attachment"]


async def test_a_visitors_photo_and_file_appear_in_the_group_in_order(team: Team) -> None:
    ann = await team.visitor("Ann Files", "Look at this")
    await team.shown("Ann Files: Look at this")
    photo = await upload(team, ann, "screen.png", PNG, "image/png")
    text = await upload(team, ann, "log.txt", b"the log", "text/plain")
    await team.say(ann, "Here", attachments=[{"id": photo["id"]}, {"id": text["id"]}])
    await team.say(ann, "And now?")
    sent_photo, sent_file = await team.shown("Ann Files: screen.png"), await team.shown("Ann Files: log.txt")
    last = await team.shown("Ann Files: And now?")
    assert team.group.files[sent_photo["photo"][0]["file_id"]] == PNG
    assert team.group.files[sent_file["document"]["file_id"]] == b"the log"
    assert sent_photo["message_id"] < sent_file["message_id"] < last["message_id"]


async def test_a_photo_that_telegram_cannot_read_goes_as_a_file(team: Team) -> None:
    bea = await team.visitor("Bea Files", "Hello")
    await team.shown("Bea Files: Hello")
    broken = await upload(team, bea, "broken.png", b"not a picture", "image/png")
    await team.say(bea, "", attachments=[{"id": broken["id"]}])
    assert "document" in await team.shown("Bea Files: broken.png")


async def test_an_agents_photo_reaches_the_visitor_with_its_caption_and_in_order(team: Team) -> None:
    cid = await team.visitor("Cid Files", "Hello")
    card = await team.shown("Cid Files: Hello")
    team.group.files["p1"] = PNG
    photo = [{"file_id": "p1", "file_unique_id": "u", "width": 1, "height": 1, "file_size": len(PNG)}]
    team.group.say(ALICE, "This button", reply_to=card["message_id"], photo=photo)
    team.group.say(ALICE, "Press it", reply_to=card["message_id"])
    await team.shown("Cid Files", "Alice has it")
    await team.say(cid, "Thanks")
    await team.shown("Cid Files: Thanks")
    sent = [one for one in await team.events(cid) if one["type"] == "message_sent" and one["from"] == "agent"]
    assert [one["text"] for one in sent] == ["This button", "Press it"]
    [attachment] = sent[0]["attachments"]
    assert attachment["content_type"] == "image/jpeg"
    answer = await team.rest._http.get(attachment["url"])
    assert answer.content == PNG


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"file_name": "big.pdf", "mime_type": "application/pdf", "file_size": 30 * 1024 * 1024}, "too large"),
        ({"file_name": "x.exe", "mime_type": "application/x-msdownload", "file_size": 3}, "cannot be sent"),
        ({"file_name": "gone.pdf", "mime_type": "application/pdf", "file_size": 3}, "does not hand out"),
    ],
)
async def test_a_file_that_cannot_go_is_said(team: Team, document: dict[str, Any], why: str) -> None:
    name = f"Dan {document['file_name']}"
    await team.visitor(name, "Hello")
    card = await team.shown(f"{name}: Hello")
    id = f"f-{document['file_name']}"
    if "gone" not in id:
        team.group.files[id] = b"abc"
    held = {"file_id": id, "file_unique_id": "u", **document}
    sent = team.group.say(ALICE, "", reply_to=card["message_id"], document=held)
    refusal = await team.shown("Not sent", document["file_name"])
    assert why in refusal["text"]
    assert refusal["reply_to_message"]["message_id"] == sent
