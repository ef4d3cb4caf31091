"""Uploaded files: blobs named by their content, and beside them what each upload said of its file.

An attachment's id is 128 random bits and nowhere listed: whoever was shown it may see the file, as a page that embeds
a picture can send no token along. What was uploaded never changes, so every gateway of a machine shares the folder.
"""

import hashlib
import mimetypes
import re
import secrets
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import msgspec
from msgspec import Struct

from actors.events import Attachment
from gateway.errors import ProtocolError
from gateway.files import PREFIX, Draft

NAME_CHARACTERS = 120
YOUNG_SECONDS = 3_600

SHOWN = frozenset(
    {"image/png", "image/jpeg", "image/gif", "image/webp", "image/avif"}
    | {"audio/mpeg", "audio/ogg", "audio/mp4", "audio/webm", "audio/wav"}
    | {"video/mp4", "video/webm"}
)
"""Browsers may show these where they stand; all others are downloads."""

TYPES = SHOWN | {
    "image/heic",
    "video/quicktime",
    "application/pdf",
    "application/json",
    "application/zip",
    "text/plain",
    "text/csv",
    "text/markdown",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.ms-powerpoint",
    "application/vnd.oasis.opendocument.text",
    "application/vnd.oasis.opendocument.spreadsheet",
    "application/vnd.oasis.opendocument.presentation",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}

_ID = re.compile(r"[0-9a-f]{32}")
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


class Upload(Struct, frozen=True):
    """What is kept of an upload."""

    attachment: Attachment
    digest: str
    conversation: str


_decode = msgspec.json.Decoder(Upload).decode


class Attachments:
    """See the module. Everything here waits for the disk; `keep` for long."""

    def __init__(self, folder: Path, types: Collection[str] = TYPES) -> None:
        self._types = types
        self._uploads = folder / "uploads"
        self._blobs = folder / "blobs"

    @classmethod
    def below(cls, data: Path, types: Collection[str] = ()) -> "Attachments":
        """Those of a data directory. `types`: what may be uploaded; without any, what is on the list here."""
        return cls(data / "attachments", types or TYPES)

    def keep(self, conversation: str, name: str, content_type: str, file: BinaryIO) -> Attachment:
        """Store the file. Raises `bad_request` for a type that is not on the list."""
        name, content_type = shown_name(name), self._type_of(name, content_type)
        digest, size = self._keep_blob(file)
        id = secrets.token_hex(16)
        attachment = Attachment(id, name, content_type, size, f"/api/attachments/{id}")
        path = _below(self._uploads, id)
        with Draft(self._uploads) as draft:
            draft.file.write(msgspec.json.encode(Upload(attachment, digest, conversation)))
            draft.publish(path)
        return attachment

    def _keep_blob(self, file: BinaryIO) -> tuple[str, int]:
        sha = hashlib.sha256()
        with Draft(self._blobs) as draft:
            while piece := file.read(256 * 1024):
                sha.update(piece)
                draft.file.write(piece)
            size = draft.file.tell()
            draft.publish(_below(self._blobs, sha.hexdigest()))
        return sha.hexdigest(), size

    def find(self, id: str) -> tuple[Attachment, Path]:
        """An attachment and where its content is. Raises `not_found`."""
        upload = self._upload(id)
        if upload is None:
            raise ProtocolError("not_found", "There is no such attachment.")
        return upload.attachment, _below(self._blobs, upload.digest)

    def resolve(self, ids: Sequence[str]) -> tuple[Attachment, ...]:
        """The attachments that a message names. Raises `bad_request` if there is one that was not uploaded."""
        uploads = [self._upload(id) for id in ids]
        found = tuple(upload.attachment for upload in uploads if upload is not None)
        if len(found) < len(uploads):
            raise ProtocolError("bad_request", "There is no such attachment. Upload it first.", field="attachments")
        return found

    def sweep(self, wanted: Callable[[Upload], bool], now: float) -> int:
        """Remove the uploads that no conversation wants any more, then content that nobody refers to, and what was
        never finished or cannot be read any more: else one broken file would keep all of the others.

        What was written in the last hour stays: it may be on its way. Returns how many files are gone.
        """
        used: set[str] = set()
        gone = 0
        for path in _files(self._uploads):
            upload = _read(path)
            if upload is not None and (_written(path) > now - YOUNG_SECONDS or wanted(upload)):
                used.add(upload.digest)
            elif _written(path) <= now - YOUNG_SECONDS:
                path.unlink()
                gone += 1
        unfinished = (path for folder in (self._uploads, self._blobs) for path in folder.glob(f"{PREFIX}*"))
        for path in chain(_files(self._blobs), unfinished):
            if path.name not in used and _written(path) <= now - YOUNG_SECONDS:
                path.unlink()
                gone += 1
        return gone

    def _type_of(self, name: str, content_type: str) -> str:
        """The type it is served as: what the upload says, or else what the name does. Raises `bad_request`."""
        said = content_type.partition(";")[0].strip().lower()
        if said in ("", "application/octet-stream"):
            said = mimetypes.guess_type(name)[0] or said
        if said not in self._types:
            raise ProtocolError("bad_request", f"Files of type {said or 'unknown'} cannot be sent here.", field="file")
        return said

    def _upload(self, id: str) -> Upload | None:
        if not _ID.fullmatch(id):
            return None
        try:
            return _decode(_below(self._uploads, id).read_bytes())
        except FileNotFoundError:
            return None


def _read(path: Path) -> Upload | None:
    try:
        return _decode(path.read_bytes())
    except msgspec.DecodeError:
        return None


def shown_name(name: str) -> str:
    """A file's name without folders, and without characters that would show it as something else."""
    plain = _UNPRINTABLE.sub("", name.replace("\\", "/").rpartition("/")[2]).strip()
    return plain[-NAME_CHARACTERS:] or "file"


def _files(folder: Path) -> Iterator[Path]:
    """Everything that is finished."""
    return folder.glob("??/*")


def _written(path: Path) -> float:
    return path.stat().st_mtime


def _below(folder: Path, name: str) -> Path:
    return folder / name[:2] / name
