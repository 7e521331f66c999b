"""Move processed deliveries to the archive or to rejected."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from persona_access.base.errors import RefusalError
from persona_access.base.files import move, write_atomically
from persona_access.base.kept_files import SEALED, keep, kept_name, kept_sha256
from persona_access.base.names import MANIFEST_SUFFIX
from persona_access.base.open_files import Writing, writing
from persona_access.base.printable import printable
from persona_access.loader.discovery import Delivery
from persona_access.loader.manifest import manifest_bytes


@dataclass(frozen=True)
class Kept:
    """The place of a loaded file, in words, and whether it is still the content that was read."""

    where: str
    is_what_was_read: bool = True


@dataclass(frozen=True)
class Disposal:
    """The folders to which deliveries are moved; `leave_files` leaves the drop zone unchanged."""

    archive: Path
    rejected: Path
    leave_files: bool

    def accept(self, delivery: Delivery, sha256: str) -> Kept:
        """Archive a loaded file if it is still what was read, and check it again afterwards.

        Otherwise, if a sender continued to write, the archive would contain rows that were never
        loaded. Such a file stays in the drop zone for the next load.
        """
        if self.leave_files:
            return Kept("left in the drop zone")
        if not delivery.is_unchanged() or writing(delivery.path) is Writing.YES:
            return Kept("left in the drop zone", is_what_was_read=False)
        target = _free_name(self.archive / delivery.feed, delivery, sha256)
        where = self._put(delivery, target, is_moved=True)
        if target.exists() and not delivery.path.exists() and kept_sha256(target) != sha256:
            if target.suffix != SEALED:
                move(target, delivery.path)
            return Kept("moved back to the drop zone", is_what_was_read=False)
        return Kept(where)

    def refuse(self, delivery: Delivery, sha256: str, refusal: RefusalError, when: str) -> str:
        """Move a refused file to rejected/ with its reason; returns a sentence with its place."""
        target = _free_name(self.rejected, delivery, sha256)
        reason = target.with_name(f"{target.name}.reason.txt")
        if not (target.exists() and reason.exists()):
            write_atomically(reason, _reason(delivery, sha256, refusal, when))
        if self.leave_files:
            if not target.exists():
                self._put(delivery, target, is_moved=False)
            return f"left in the drop zone; why: {reason}"
        self._put(delivery, target, is_moved=True)
        return f"moved to {target}; why: {reason}"

    @staticmethod
    def _put(delivery: Delivery, target: Path, *, is_moved: bool) -> str:
        try:
            keep(delivery.path, target, is_moved=is_moved)
            if delivery.manifest is not None:
                manifest = target.with_name(target.name + MANIFEST_SUFFIX)
                _keep_manifest(delivery.manifest, manifest, is_moved=is_moved)
        except PermissionError:
            return "left in the drop zone: this user may not move it"
        return f"moved to {target}"


def _keep_manifest(source: Path, target: Path, *, is_moved: bool) -> None:
    """Copy the bytes of a manifest; anything but a regular file stays where it is.

    A link could point to any file of this user, and a copy of that file would be readable for
    others.
    """
    try:
        content = manifest_bytes(source)
    except RefusalError:
        return
    # A manifest describes the file, and names nobody in it.
    write_atomically(target, content.decode("utf-8", "backslashreplace"))
    if is_moved:
        source.unlink()


def _free_name(folder: Path, delivery: Delivery, sha256: str) -> Path:
    """Return the file's own name, with a number if other content was delivered with that name."""
    stem = delivery.name.removesuffix(delivery.ending)
    target = kept_name(folder / delivery.name)
    number = 2
    while target.exists() and kept_sha256(target) != sha256:
        target = kept_name(folder / f"{stem}.{number}{delivery.ending}")
        number += 1
    return target


def _reason(delivery: Delivery, sha256: str, refusal: RefusalError, when: str) -> str:
    lines = [
        f"{printable(delivery.name)} was refused on {when}. Nothing of it was loaded.",
        "",
        f"Why: {refusal}",
        *(f"  {detail}" for detail in refusal.details),
        "",
        "What next: put the corrected file into the drop zone under the same name, and run",
        "`persona-access load` again.",
        "",
        f"SHA-256 of the refused file: {sha256}",
        "",
    ]
    return "\n".join(lines)
