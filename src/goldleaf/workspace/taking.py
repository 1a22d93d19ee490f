"""One file's items into the store: batches of them become records, annotations, gold and suggestions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

from goldleaf.core import (
    Annotation,
    Example,
    InputError,
    Record,
    Schema,
    Value,
    add_labels,
    brief,
    check_record,
    check_values,
    content_hash,
    labels_in,
)
from goldleaf.formats import Item
from goldleaf.store import Connection, Staging, StoredRecord, add_records, add_schema
from goldleaf.workspace.changes import Changes
from goldleaf.workspace.identity import Identities
from goldleaf.workspace.suggesting import score_of

As = Literal["gold", "annotations", "suggestions"]
AS: tuple[As, ...] = get_args(As)
NOTHING_SUGGESTED = "the file suggests nothing: a suggestion stands under gold, values, annotations, or the name of a field of the project"
_NAMED = 5
"""How many of the skipped records are named."""


@dataclass
class ImportResult:
    """What one file brought: records read, added and already known, gold and annotations added, records skipped (the first few named)."""

    path: str
    format: str = ""
    read: int = 0
    added: int = 0
    known: int = 0
    gold_added: int = 0
    gold_changed: int = 0
    annotations_added: int = 0
    suggestions_added: int = 0
    skipped: int = 0
    skipped_first: list[str] = field(default_factory=list)
    labels_added: dict[str, list[str]] = field(default_factory=dict)
    schema_version: int = 1
    source_known: bool = False
    warnings: list[str] = field(default_factory=list)

    def skip(self, error: InputError) -> None:
        """Count a record that was left out, and name it if it is among the first."""
        self.skipped += 1
        if len(self.skipped_first) < _NAMED:
            self.skipped_first.append(str(error))


@dataclass(frozen=True)
class ImportPlan:
    """What the caller asked for."""

    as_: As
    annotator: str | None
    split: str | None
    skip: bool
    add_labels: bool


class Taking:
    """One file's import: batches of items become records, annotations and gold."""

    def __init__(
        self,
        plan: ImportPlan,
        format: str,
        schema: Schema,
        identities: Identities,
        changes: Changes,
        result: ImportResult,
        staged: Staging | None = None,
    ) -> None:
        self.staged = staged
        self.plan, self.before, self.schema = plan, schema, schema
        self.identities, self.changes, self.result = identities, changes, result
        self.attach = format == "labels"
        self.growing = {f.name for f in schema.fields if plan.add_labels or not f.labels}
        self.kept_splits = 0
        self.suggested = self.predictions = 0

    def take(self, batch: list[Item | InputError]) -> None:
        """Bring one batch into the store."""
        self.result.read += len(batch)
        records = [self._record(item) for item in batch if isinstance(item, Item)]
        if self.staged is not None:
            contents = [content_hash(record.text, record.tokens) for record in records]
            self.staged.bring([record.id for record in records if record.id], contents)
        hashes = iter(self.identities.look_up(records))
        self.changes.look_up(self.identities.known())
        new: list[StoredRecord] = []
        for item in batch:
            if isinstance(item, InputError):
                self.result.skip(item)
                continue
            digest, schema = next(hashes), self.schema
            try:
                self._take_one(item, digest, new)
            except InputError as error:
                self.schema = schema
                if not self.plan.skip:
                    raise _placed(error, item.where) from None
                self.result.skip(_placed(error, item.where))
        add_records(self.identities.connection, self.identities.project, new)
        self.changes.write()

    def finish(self, c: Connection, project: int) -> ImportResult:
        """Store the schema where it grew, and say what was done."""
        result, changes = self.result, self.changes
        if self.schema is not self.before:
            add_schema(c, project, self.schema)
            result.schema_version = self.schema.version
            for old, new in zip(self.before.fields, self.schema.fields, strict=True):
                if fresh := [label for label in new.labels if label not in old.labels]:
                    result.labels_added[new.name] = fresh
        if self.kept_splits:
            result.warnings.append(
                f"{self.kept_splits} records are in another split already and stay there (a split, once set, stays)"
            )
        if self.predictions and self.plan.as_ != "suggestions":
            result.warnings.append(
                f"{self.predictions} records bring predictions (values), which were left; import them as suggestions"
            )
        if self.plan.as_ == "suggestions" and not self.suggested:
            result.warnings.append(NOTHING_SUGGESTED)
        result.gold_added, result.gold_changed = changes.gold_added, changes.gold_changed
        result.annotations_added, result.suggestions_added = changes.annotations_added, changes.suggestions_added
        return result

    def _record(self, item: Item) -> Record:
        record = item.record if item.given_id else replace(item.record, id="")
        return record if self.plan.split is None else replace(record, split=self.plan.split)  # pyright: ignore[reportArgumentType]

    def _take_one(self, item: Item, digest: str, new: list[StoredRecord]) -> None:
        record = self._record(item)
        stored = self._attached(record) if self.attach else self._meant(record)
        example, annotations = self._checked(item, stored.record if stored else record)
        scores = self._scores(item, example)
        if stored is None:
            stored = self.identities.find(record, digest, item.where)
        if stored is None:
            stored = self.identities.make(record, digest, item.where)
            new.append(stored)
            self.result.added += 1
        else:
            self.result.known += 1
            self._keep_split(stored, record)
        self.predictions += bool(item.predicted)
        self._say(stored, example.values, annotations, scores)  # pyright: ignore[reportArgumentType]

    def _attached(self, record: Record) -> StoredRecord:
        stored = self.identities.named(record.id)
        if stored is None:
            raise InputError(
                "labels for a record that the project does not have",
                found=brief(record.id),
                expected="the id of a record",
                todo="Import the records first",
            )
        return stored

    def _meant(self, record: Record) -> StoredRecord | None:
        """The known record that a suggestion is for: predictions name its id and its text, but not its tokens."""
        stored = self.identities.named(record.id) if self.plan.as_ == "suggestions" and record.id else None
        same = stored is not None and record.tokens is None and record.text == stored.record.text
        return stored if same else None

    def _checked(self, item: Item, record: Record) -> tuple[Example, list[Annotation]]:
        """The item's values and annotations in canonical form; the schema grows by the labels that are welcome."""
        _check_text(record)
        check_record(record)
        if item.values and self.plan.as_ == "annotations" and self.plan.annotator is None:
            raise InputError("the file does not say who annotated", todo="Name the annotator with --annotator")
        given = {**item.predicted, **item.values} if self.plan.as_ == "suggestions" else item.values
        self._grow([given, *(annotation.values for annotation in item.annotations)])
        values = check_values(self.schema, given, record)
        version = self.schema.version
        annotations = [
            replace(a, values=check_values(self.schema, a.values, record), schema_version=version)
            for a in item.annotations
        ]
        return Example(record, values), annotations

    def _scores(self, item: Item, example: Example) -> dict[str, Any]:
        """How sure each suggested value is."""
        if self.plan.as_ != "suggestions":
            return {}
        given = {**item.predicted, **item.values}
        known = {name: score for name, score in item.scores.items() if name in example.values}
        return {n: score_of(self.schema[n], example.values[n], given[n], score) for n, score in known.items()}

    def _grow(self, groups: Iterable[object]) -> None:
        for values in groups:
            for name, value in values.items():  # pyright: ignore[reportAttributeAccessIssue]
                if name not in self.growing:
                    continue
                known = self.schema[name].labels
                fresh = [label for label in dict.fromkeys(labels_in(self.schema[name], value)) if label not in known]
                if fresh:
                    grown = add_labels(self.schema, name, fresh)
                    self.schema = replace(grown, version=self.before.version + 1)

    def _say(
        self, stored: StoredRecord, values: dict[str, Value], annotations: Sequence[Annotation], scores: dict[str, Any]
    ) -> None:
        plan, changes = self.plan, self.changes
        if plan.as_ == "suggestions":
            self.suggested += len(values) + len(annotations)
            changes.suggestion(stored, plan.annotator or "import", values, scores)
        elif plan.as_ == "annotations" and values:
            said = Annotation(stored.record.id, plan.annotator or "", values, schema_version=self.schema.version)
            changes.annotation(stored, said)
        elif values:
            changes.gold(stored, values, self.schema.version)
        for annotation in annotations:
            if plan.as_ == "suggestions":
                changes.suggestion(stored, annotation.annotator, annotation.values)
            else:
                changes.annotation(stored, annotation)

    def _keep_split(self, stored: StoredRecord, record: Record) -> None:
        if record.split is None or record.split == stored.record.split:
            return
        if stored.record.split is None:
            self.changes.split(stored, record.split)
        else:
            self.kept_splits += 1


def _placed(error: InputError, where: str) -> InputError:
    return error if error.where and error.where.startswith(where) else error.at(where)  # pyright: ignore[reportReturnType]


def _check_text(record: Record) -> None:
    said = f"{record.id}{record.text}{record.group}{record.timestamp}{record.meta}"
    try:
        said.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            "the text holds half of a surrogate pair, which is no character",
            found=ascii(said[error.start]),
            todo="Correct the escape in the file",
        ) from None
    if "\0" in said:
        raise InputError("the text holds a NUL, which no text has", found=brief(record.text))
