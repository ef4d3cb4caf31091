"""Attachments of conversations that were forgotten are removed, now and then, by one of the gateways of a machine."""

import asyncio
import logging
import time
from functools import partial

from gateway.attachments import Attachments, Upload
from gateway.identity import visitor_of
from runtime.identity import actor_id
from runtime.journal import Journal, StoreFailed
from runtime.journal.thread import JournalThread
from runtime.lines import Line
from runtime.retention import EVERY_SECONDS, FIRST_SECONDS

log = logging.getLogger(__name__)


def sweep(attachments: Attachments, now: float, journal: Journal) -> int:
    """One round; how many files are gone. Raises `StoreFailed`."""
    return attachments.sweep(partial(_wanted, journal), now)


def _wanted(journal: Journal, upload: Upload) -> bool:
    """Its conversation lives, or another of the same visitor's has it: what is uploaded after a close is sent in the
    next one."""
    if journal.read(actor_id("conversation", upload.conversation), 0, 1):
        return True
    visitor = visitor_of(upload.conversation)
    return bool(journal.find([[f"visitor:{visitor}"]], 1, text=upload.attachment.id))


async def keep_swept(attachments: Attachments, reading: JournalThread) -> None:
    """Round after round, after the hosts' first, until it is cancelled."""
    await asyncio.sleep(2 * FIRST_SECONDS)
    while True:
        try:
            gone = await reading.run(partial(sweep, attachments, time.time()))
            if gone:
                log.info(Line("attachments swept", files=gone))
        except (StoreFailed, OSError) as why:
            log.warning(Line("sweep failed", why=why))
        except Exception:  # nobody awaits this, and files would stay for good
            log.exception(Line("sweep failed"))
        await asyncio.sleep(EVERY_SECONDS)
