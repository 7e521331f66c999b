"""Load deliveries: check, land and record each one, or refuse it with a reason."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from persona_access import __version__
from persona_access.base.contracts import Contract, read_contracts
from persona_access.base.encryption import check_landed
from persona_access.base.errors import MachineError, RefusalError
from persona_access.base.files import empty_folder, sha256_of, write_atomically
from persona_access.base.ledger import Ledger, LedgerRecord
from persona_access.base.locks import only_one
from persona_access.base.names import read_name
from persona_access.base.printable import counted, printable
from persona_access.base.settings import DropZone, Settings
from persona_access.loader.discovery import (
    Delivery,
    Skipped,
    discover,
    is_written_by_others_only,
    latest_date,
    read_date,
)
from persona_access.loader.disposal import Disposal
from persona_access.loader.drop_zone import open_bucket, zones
from persona_access.loader.feed_mappings.read import (
    MAPPINGS,
    Declared,
    read_mappings,
    sources,
    sources_of,
    unapproved,
)
from persona_access.loader.landing import Landing, RawLayer
from persona_access.loader.lookups import LOOKUPS, ids_by_name
from persona_access.loader.manifest import Manifest, read_manifest
from persona_access.loader.outcome import Outcome
from persona_access.loader.reader import find_date_apart, read_apart
from persona_access.loader.reading import Job
from persona_access.loader.report import LoadReport
from persona_access.loader.session import Connection, open_session
from persona_access.loader.staging import Provenance

_STILL_WRITTEN = "still being written: skipped; the next run loads it."


def init_raw_layer(settings: Settings) -> None:
    """Create the drop zone, and an empty raw layer that dbt can read before the first load."""
    contracts = read_contracts(settings.models)
    with _alone(settings), _session(settings) as connection:
        load_ids = _ledger(settings).load_ids()
        RawLayer(settings.raw).prepare(connection, contracts.values(), load_ids)
    zone = settings.main_zone
    if zone.url is None and zone.folder.is_relative_to(settings.home):
        zone.folder.mkdir(parents=True, exist_ok=True)


def load_drop_zone(
    settings: Settings,
    report: LoadReport,
    *,
    allow_restatement: bool,
    extract_date: dt.date | None = None,
) -> None:
    """Load every file of the drop zones, and report each outcome.

    `extract_date` applies to files whose mapping declares that their name has no date.

    Raises SettingsError and MachineError; files loaded before the error stay loaded.
    """
    contracts = read_contracts(settings.models)
    with report.working(), _alone(settings), _session(settings) as connection:
        ledger = _ledger(settings)
        raw_layer = RawLayer(settings.raw)
        raw_layer.prepare(connection, contracts.values(), ledger.load_ids())
        _check_clock(ledger, contracts)
        mappings = read_mappings(settings.feeds, contracts)
        for sentence in unapproved(mappings, settings.target):
            report.say(sentence)
        declared = sources(contracts, mappings)
        loader = _Loader(
            contracts=declared,
            mappings=mappings,
            ledger=ledger,
            raw_layer=raw_layer,
            disposal=Disposal(settings.archive, settings.rejected, settings.leave_files),
            settings=settings,
            allow_restatement=allow_restatement,
            connection=connection,
            extract_date=extract_date,
            newest_week=max(
                filter(
                    None,
                    (ledger.newest_date(c.feed) for c in contracts.values() if not c.is_optional),
                ),
                default=None,
            ),
        )
        for zone, of_zone in zones(settings, declared).items():
            _load_zone(loader, zone, of_zone, report)


def _check_clock(ledger: Ledger, contracts: Iterable[str]) -> None:
    """Stop if the clock is far behind: otherwise valid dates would be refused as future dates."""
    newest = max(filter(None, map(ledger.newest_date, contracts)), default=dt.date.min)
    if newest > latest_date():
        raise MachineError(
            f"The clock of this machine shows {dt.datetime.now(dt.UTC).date()}, but an extract "
            f"of {newest} is loaded: set the clock, and run the command again."
        )


def _load_zone(
    loader: _Loader, zone: DropZone, contracts: dict[str, Contract], report: LoadReport
) -> None:
    settings = loader.settings
    settle = {
        feed: settings.settle_seconds
        if contract.settle_seconds is None
        else contract.settle_seconds
        for feed, contract in contracts.items()
    }
    bucket = open_bucket(zone)
    if bucket is not None:
        is_past = loader.is_past if settings.leave_files else lambda *_: False
        bucket.fetch(contracts, zone.folder, settle, is_past=is_past, say=report.say)
        # Fetched files are complete.
        settle = dict.fromkeys(contracts, 0.0)
    deliveries, left = discover(zone.folder, contracts, settle, say=report.say)
    deliveries = loader.in_order([loader.dated(delivery) for delivery in deliveries])
    is_kept = bucket is not None
    if deliveries and not settings.leave_files and is_written_by_others_only(zone.folder):
        is_kept = True
        report.say("The drop zone cannot be written to: files are left where they are.")
    if is_kept:
        loader = replace(loader, disposal=replace(loader.disposal, leave_files=True))
    report.expect(deliveries)
    for item in left:
        report.finish(_skipped(item))
    for delivery in deliveries:
        report.start(delivery)
        outcome = loader.load(delivery)
        if bucket is not None and not settings.leave_files:
            name = delivery.path.relative_to(zone.folder).as_posix()
            outcome = bucket.archive_or_reject(outcome, name)
        report.finish(outcome)
    if bucket is not None:
        # These are unencrypted copies of files in the bucket that are now in the raw layer.
        empty_folder(zone.folder)
        # Not removed if it is a mount point.
        with contextlib.suppress(OSError):
            zone.folder.rmdir()


def _alone(settings: Settings) -> contextlib.AbstractContextManager[None]:
    return only_one(settings.raw / ".lock", f"Another load is using {settings.raw}")


def _ledger(settings: Settings) -> Ledger:
    return Ledger(settings.raw / "load_ledger")


@contextlib.contextmanager
def _session(settings: Settings) -> Iterator[Connection]:
    spill = settings.raw / ".spill"
    with open_session(memory_limit=settings.memory_limit, spill=spill) as connection:
        check_landed(connection, settings.raw)
        yield connection


def _with_date(delivery: Delivery, day: dt.date) -> Delivery:
    found, fault = read_date(day.isoformat())
    return replace(delivery, date_text=day.isoformat(), extract_date=found, date_fault=fault)


def _skipped(item: Skipped) -> Outcome:
    return Outcome(printable(item.name), "skipped", item.sentence, is_fault=item.is_fault)


@dataclass(frozen=True)
class _Loader:
    """The settings and state shared by all deliveries of a run."""

    contracts: dict[str, Contract]
    mappings: dict[str, Declared]
    ledger: Ledger
    raw_layer: RawLayer
    disposal: Disposal
    settings: Settings
    allow_restatement: bool
    connection: Connection
    extract_date: dt.date | None = None
    # Only loads before this run count: an answer that arrives together with a week is in time.
    newest_week: dt.date | None = None
    started_at: str = field(default_factory=lambda: dt.datetime.now(dt.UTC).isoformat())

    def is_past(self, name: str, n_bytes: int, changed_at: dt.datetime) -> bool:
        """Return whether a file in the drop zone was loaded, and a later one since then.

        The newest file of a feed is always checked again: it can have been corrected.
        """
        found = read_name(name, self.contracts)
        if found is None or self.allow_restatement:
            return False
        loads = self._loads(found.feed, found.source)
        same = [
            load
            for load in loads
            if (load.extract_date, load.file_name) == (found.date_text, name.rpartition("/")[2])
        ]
        return (
            bool(same)
            and same[-1].file_bytes == n_bytes
            and dt.datetime.fromisoformat(same[-1].loaded_at) >= changed_at
            and loads[-1].extract_date != found.date_text
        )

    def _loads(self, feed: str, source: str) -> list[LedgerRecord]:
        return [record for record in self.ledger.loaded(feed) if record.source_name == source]

    def in_order(self, deliveries: list[Delivery]) -> list[Delivery]:
        """Sort deliveries by extract date; those that look up names come last."""

        def place(delivery: Delivery) -> tuple[dt.date, bool, str]:
            declared = self.mappings.get(delivery.source)
            looks_up = declared is not None and bool(declared.mapping.lookups)
            return delivery.extract_date or dt.date.min, looks_up, delivery.source

        return sorted(deliveries, key=place)

    def dated(self, delivery: Delivery) -> Delivery:
        """Return a delivery with the date from its content, or from the command line."""
        if delivery.date_text:
            return delivery
        if self.contracts[delivery.source].is_dated_within:
            return self._dated_within(delivery)
        return _with_date(delivery, self.extract_date) if self.extract_date else delivery

    def _dated_within(self, delivery: Delivery) -> Delivery:
        try:
            with self.raw_layer.work_folder() as work:
                now = dt.datetime.now(dt.UTC).replace(tzinfo=None)
                provenance = Provenance("date", printable(delivery.name), "", now)
                job = self._job(delivery, dt.date.min, provenance, work)
                return _with_date(delivery, find_date_apart(job))
        except (FileNotFoundError, PermissionError):
            # Reported when the file is loaded.
            return delivery
        except RefusalError as refusal:
            return replace(delivery, date_fault=str(refusal))

    def _job(
        self, delivery: Delivery, extract_date: dt.date, provenance: Provenance, work: Path
    ) -> Job:
        """Return the job for reading a delivery, before its manifest and version are known."""
        declared = self.mappings.get(delivery.source)
        return Job(
            path=delivery.path,
            suffix=delivery.suffix,
            contract=self.contracts[delivery.source],
            provenance=provenance,
            extract_date=extract_date,
            work=work,
            spill=self.settings.raw / ".spill",
            memory_limit=self.settings.memory_limit,
            max_expanded_bytes=self.settings.max_expanded_bytes,
            identities=self.settings.age_identities,
            mapping=declared.mapping if declared else None,
            code_keys=self.settings.list_keys,
        )

    def load(self, delivery: Delivery) -> Outcome:
        """Load or refuse one delivery, record it, and move the file."""
        blank = Outcome(
            file_name=delivery.name,
            outcome="skipped",
            sentence=_STILL_WRITTEN,
            feed=delivery.feed,
            extract_date=delivery.extract_date.isoformat() if delivery.extract_date else None,
            n_bytes=delivery.n_bytes,
        )
        try:
            sha256 = sha256_of(delivery.path)
            with self.raw_layer.work_folder() as work:
                return self._accept(delivery, sha256, blank, work)
        except RefusalError as refusal:
            if not delivery.is_unchanged():
                return blank
            return self._refuse(delivery, sha256, refusal, blank)
        except (FileNotFoundError, PermissionError) as error:
            if error.filename != str(delivery.path):
                raise
            return replace(
                blank,
                sentence=f"cannot be read ({error.strerror}): give this user read permission.",
                is_fault=True,
            )

    def _accept(self, delivery: Delivery, sha256: str, blank: Outcome, work: Path) -> Outcome:
        if delivery.extract_date is None:
            raise RefusalError(delivery.date_fault or "The name has no date.")
        contract = self.contracts[delivery.source]
        declared = self.mappings.get(delivery.source)
        extract_date, late_note = self._counts_from(contract, delivery.extract_date)
        of_date = self.ledger.loaded(delivery.feed, extract_date)
        versions = (
            self._loads(delivery.feed, delivery.source)
            if contract.accumulates
            else [record for record in of_date if record.source_name == delivery.source]
        )
        mapping_sha256 = declared.sha256 if declared else ""
        # With another mapping, the same content has another meaning.
        same = [
            record
            for record in versions
            if (record.file_sha256, record.mapping_sha256) == (sha256, mapping_sha256)
        ]
        if same and contract.accumulates:
            return self._leave_unchanged(delivery, same[-1], same[-1], blank)
        if same and (same[-1] is versions[-1] or not self.allow_restatement):
            return self._leave_unchanged(delivery, same[-1], versions[-1], blank)
        is_restatement = (
            self.newest_week is not None and extract_date <= self.newest_week
            if contract.accumulates
            else self._check_age(delivery, extract_date)
        )
        manifest = _check_manifest(delivery, contract, sha256)
        landing = Landing(
            feed=delivery.feed,
            extract_date=extract_date,
            version=1 + (of_date[-1].version or 0) if of_date else 1,
            file_name=delivery.name,
        )
        loaded_at = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        loads = self._loads(delivery.feed, delivery.source)
        provenance = Provenance(landing.load_id, printable(delivery.name), sha256, loaded_at)
        found = read_apart(
            replace(
                self._job(delivery, extract_date, provenance, work),
                manifest=manifest,
                version=landing.version,
                previous=self.raw_layer.rows_of(loads[-1]) if loads else None,
                lookups=self._lookups(declared),
            )
        )
        if not delivery.is_unchanged():
            return blank
        self.raw_layer.publish(work, landing, has_faults=found.has_faults)
        feed_sources, required_sources = sources_of(delivery.feed, self.mappings)
        if declared is not None:
            self._keep_mapping(declared)
        record = LedgerRecord(
            load_id=landing.load_id,
            feed=delivery.feed,
            extract_date=extract_date.isoformat(),
            version=landing.version,
            load_status="loaded",
            file_name=delivery.name,
            file_sha256=sha256,
            file_bytes=delivery.n_bytes,
            n_rows_read=found.n_rows_read,
            n_rows_loaded=found.n_rows_loaded,
            n_rows_quarantined=found.n_rows_read - found.n_rows_loaded,
            n_values_quarantined=found.n_values_quarantined,
            batch=f"{self.started_at} {delivery.extract_date}",
            source=delivery.source if declared else "",
            mapping_sha256=mapping_sha256,
            feed_sources=feed_sources,
            required_sources=required_sources,
            max_age_days=contract.max_age_days,
            max_shrink_share=contract.max_shrink_share,
            max_growth_share=contract.max_growth_share,
            reason=None,
            is_restatement=is_restatement,
            loaded_at=loaded_at.isoformat() + "Z",
            loader_version=__version__,
        )
        self.ledger.write(record)
        outcome = replace(
            blank,
            outcome="loaded",
            sentence=_loaded_sentence(record),
            details=found.faults,
            notes=(*late_note, *found.notes),
            extract_date=record.extract_date,
            version=record.version,
            load_id=record.load_id,
            is_restatement=is_restatement,
            n_rows_read=found.n_rows_read,
            n_rows_loaded=found.n_rows_loaded,
            n_rows_quarantined=record.n_rows_quarantined,
            n_values_quarantined=found.n_values_quarantined,
        )
        return self._archive(delivery, sha256, outcome)

    def _lookups(self, declared: Declared | None) -> dict[str, dict[str, str]]:
        """Return the ids by name from the newest loads, for each kind of name that is looked up."""
        newest = dt.date.max.isoformat()
        return {
            kind: ids_by_name(
                self.connection,
                kind,
                [
                    self.raw_layer.rows_of(load)
                    for load in self.ledger.current(LOOKUPS[kind][0], newest).values()
                ],
            )
            for kind in (declared.mapping.lookups if declared else ())
        }

    def _keep_mapping(self, declared: Declared) -> None:
        """Store the text of a mapping under its hash, so that evidence of the load can show it."""
        kept = self.settings.raw / MAPPINGS / f"{declared.sha256}.yml"
        if not kept.exists():
            write_atomically(kept, declared.text)

    def _archive(self, delivery: Delivery, sha256: str, outcome: Outcome) -> Outcome:
        """Archive a loaded file; if it changed meanwhile, report that only a part is loaded."""
        kept = self.disposal.accept(delivery, sha256)
        if kept.is_what_was_read:
            return replace(outcome, file_is=kept.where)
        return replace(
            outcome,
            sentence=(
                f"{outcome.sentence} The sender was still writing: only the part that existed "
                f"is loaded. The file is {kept.where}; load it again when it is complete."
            ),
            is_fault=True,
            file_is=kept.where,
        )

    def _counts_from(
        self, contract: Contract, extract_date: dt.date
    ) -> tuple[dt.date, tuple[str, ...]]:
        """Return the date from which a file counts, with a note if that is not its own date.

        Answers can arrive at any time. An answer that is too late for a loaded week counts from
        the day after it, so that the facts of that week do not change.
        """
        newest = self.newest_week
        if (
            not contract.accumulates
            or self.allow_restatement
            or newest is None
            or extract_date > newest
        ):
            return extract_date, ()
        counts_from = newest + dt.timedelta(days=1)
        note = (
            f"The file is of {extract_date}, and the week {newest} is loaded already: it counts "
            f"from {counts_from} on."
        )
        return counts_from, (note,)

    def _check_age(self, delivery: Delivery, extract_date: dt.date) -> bool:
        """Return whether the file is older than the newest loaded file of its feed.

        Raises RefusalError if an older file is not explicitly allowed.
        """
        loads = self._loads(delivery.feed, delivery.source)
        dates = [record.extract_date for record in loads if record.extract_date]
        newest = dt.date.fromisoformat(max(dates)) if dates else None
        if newest is None or extract_date >= newest:
            return False
        if not self.allow_restatement:
            raise RefusalError(
                f"The file is of {extract_date}, older than {newest}, the newest loaded extract "
                f"of {delivery.source}: to restate the old week, put the file back and run "
                "the load with --allow-restatement."
            )
        return True

    def _leave_unchanged(
        self, delivery: Delivery, same: LedgerRecord, newest: LedgerRecord, blank: Outcome
    ) -> Outcome:
        sentence = f"unchanged: this content was loaded before as {same.load_id}."
        if same is not newest:
            sentence = (
                f"this content was loaded before as {same.load_id}, which {newest.load_id} "
                "replaced: to bring it back, run the load with --allow-restatement."
            )
        outcome = replace(
            blank,
            outcome="unchanged",
            sentence=sentence,
            version=same.version,
            load_id=same.load_id,
        )
        return self._archive(delivery, same.file_sha256, outcome)

    def _refuse(
        self, delivery: Delivery, sha256: str, refusal: RefusalError, blank: Outcome
    ) -> Outcome:
        refused_at = dt.datetime.now(dt.UTC).replace(tzinfo=None)
        record = self.ledger.refusal(delivery.name, sha256, str(refusal))
        if record is None:
            record = LedgerRecord(
                load_id=self.ledger.next_refusal_id(delivery.feed, delivery.date_text),
                feed=delivery.feed,
                extract_date=blank.extract_date,
                version=None,
                load_status="rejected",
                file_name=delivery.name,
                file_sha256=sha256,
                file_bytes=delivery.n_bytes,
                n_rows_read=None,
                n_rows_loaded=0,
                n_rows_quarantined=0,
                reason=str(refusal),
                is_restatement=False,
                loaded_at=refused_at.isoformat() + "Z",
                loader_version=__version__,
            )
            self.ledger.write(record)
            sentence = str(refusal)
        else:
            sentence = f"Refused before, on {record.loaded_at[:10]}: {refusal}"
        when = refused_at.isoformat(" ", timespec="seconds") + " UTC"
        return replace(
            blank,
            outcome="refused",
            sentence=sentence,
            is_fault=True,
            details=refusal.details,
            load_id=record.load_id,
            file_is=self.disposal.refuse(delivery, sha256, refusal, when),
        )


def _check_manifest(delivery: Delivery, contract: Contract, sha256: str) -> Manifest | None:
    if delivery.manifest is None:
        if contract.is_manifest_required:
            raise RefusalError(
                f"The contract of {delivery.feed} requires a manifest, but there is no "
                f"{delivery.name}.manifest.json: deliver the file again together with it."
            )
        return None
    manifest = read_manifest(delivery.manifest)
    manifest.check_sha256(sha256)
    return manifest


def _loaded_sentence(record: LedgerRecord) -> str:
    corrected = f", version {record.version}" if (record.version or 1) > 1 else ""
    restated = ", a restatement" if record.is_restatement else ""
    quarantined = (
        f", {record.n_rows_quarantined:,} quarantined" if record.n_rows_quarantined else ""
    )
    emptied = (
        f", {counted(record.n_values_quarantined, 'value')} left out"
        if record.n_values_quarantined
        else ""
    )
    return f"{counted(record.n_rows_loaded, 'row')}{quarantined}{emptied}{corrected}{restated}."
