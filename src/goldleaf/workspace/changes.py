"""What an import adds to the annotations, gold and suggestions of a record that may have some already."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

from goldleaf.core import Annotation, Gold, Value
from goldleaf.store import (
    Connection,
    StoredRecord,
    Suggestion,
    active,
    add_annotations,
    annotations_of,
    gold_of,
    next_annotation_id,
    put_gold,
    put_suggestions,
    set_splits,
    suggestions_of,
)

IMPORTER = "import"
"""The annotator in whose name imported gold is stored."""


@dataclass
class Changes:
    """One import's additions, gathered for a batch of records and then written. `look_up` known records first."""

    connection: Connection
    last: int = 0
    """New annotations get ids above this one."""
    gold_added: int = 0
    gold_changed: int = 0
    annotations_added: int = 0
    suggestions_added: int = 0
    _annotations: dict[int, list[Annotation]] = field(default_factory=lambda: defaultdict(list))
    _gold: dict[int, dict[str, Gold]] = field(default_factory=lambda: defaultdict(dict))
    _suggestions: dict[int, dict[tuple[str, str], tuple[Value, Any]]] = field(default_factory=lambda: defaultdict(dict))
    _new_annotations: list[tuple[int, Annotation]] = field(default_factory=list)
    _new_gold: list[tuple[int, Gold]] = field(default_factory=list)
    _new_suggestions: list[tuple[int, Suggestion]] = field(default_factory=list)
    _new_splits: dict[int, tuple[str, str]] = field(default_factory=dict)
    _next: int = 0

    def look_up(self, known: Mapping[int, str]) -> None:
        """Fetch what these records (`{key: id}`) have already."""
        for held in (self._annotations, self._gold, self._suggestions):
            held.clear()
        self._annotations.update(annotations_of(self.connection, known))
        for pk, golds in gold_of(self.connection, known).items():
            self._gold[pk] = {gold.field: gold for gold in golds if gold.method == "imported"}
        for pk, given in suggestions_of(self.connection, known).items():
            self._suggestions[pk] = {(s.suggester, s.field): (s.value, s.score) for s in given}

    def gold(self, stored: StoredRecord, values: Mapping[str, Value], version: int) -> None:
        """Gold as a file has it: an annotation by `import`, and a gold row. What is said already adds nothing."""
        known = self._gold[stored.pk]
        fresh = {name: value for name, value in values.items() if name not in known or known[name].value != value}
        if not fresh:
            return
        id = stored.record.id
        said = Annotation(id, IMPORTER, fresh, origin="import", schema_version=version)
        for name, annotation in self._add(stored.pk, said).items():
            self.gold_changed += name in known
            self.gold_added += name not in known
            known[name] = Gold(id, name, values[name], "imported", 1.0, (annotation,))
            self._new_gold.append((stored.pk, known[name]))

    def annotation(self, stored: StoredRecord, given: Annotation) -> None:
        """What a named annotator said. The same again adds nothing; another value supersedes the one before."""
        mine = [a for a in self._annotations[stored.pk] if a.annotator == given.annotator]
        candidates = active(mine) if given.at is None else mine
        if any(_says(a, given) for a in candidates):
            return
        self._add(stored.pk, replace(given, record=stored.record.id))
        self.annotations_added += 1

    def suggestion(
        self,
        stored: StoredRecord,
        suggester: str,
        values: Mapping[str, Value],
        scores: Mapping[str, Any] = MappingProxyType({}),
    ) -> None:
        """What a file proposes for a record, and how surely; the same again adds nothing."""
        known, id = self._suggestions[stored.pk], stored.record.id
        for name, value in values.items():
            score = scores.get(name)
            if known.get((suggester, name)) != (value, score):
                known[suggester, name] = (value, score)
                self._new_suggestions.append((stored.pk, Suggestion(id, name, value, suggester, score=score)))
                self.suggestions_added += 1

    def split(self, stored: StoredRecord, split: str) -> None:
        """A split given to a record that has none."""
        self._new_splits[stored.pk] = (split, "given")

    def write(self) -> None:
        """Store what has been gathered."""
        add_annotations(self.connection, self._new_annotations)
        put_gold(self.connection, self._new_gold)
        put_suggestions(self.connection, self._new_suggestions)
        set_splits(self.connection, self._new_splits)  # pyright: ignore[reportArgumentType]
        for gathered in (self._new_annotations, self._new_gold, self._new_suggestions):
            gathered.clear()
        self._new_splits.clear()

    def _add(self, pk: int, given: Annotation) -> dict[str, int]:
        """Gather an annotation, split where it corrects several; the id of the one that now holds each field."""
        self._next = self._next or max(self.last + 1, next_annotation_id(self.connection))
        holders: dict[str, int] = {}
        mine = [a for a in self._annotations[pk] if a.annotator == given.annotator]
        for part in corrections(mine, given):
            numbered = replace(part, id=self._next)
            holders |= {name: self._next for name in numbered.values if name in given.values}
            self._next += 1
            self._annotations[pk].append(numbered)
            self._new_annotations.append((pk, numbered))
        return holders


def corrections(mine: Sequence[Annotation], given: Annotation) -> list[Annotation]:
    """The annotations to add so that `given` holds after one annotator's earlier ones.

    An earlier one that speaks of the same fields is superseded by one that keeps what it said of other fields; with none, `given`
    itself is added.
    """
    rest = dict(given.values)
    added: list[Annotation] = []
    for old in active(mine):
        if old.status == given.status and (shared := [name for name in old.values if name in rest]):
            values = {**old.values, **{name: rest.pop(name) for name in shared}}
            added.append(replace(given, values=values, supersedes=old.id))
    if rest and added:
        added[0] = replace(added[0], values={**added[0].values, **rest})
    elif rest or not given.values:
        added.append(given)
    return added


def _says(known: Annotation, given: Annotation) -> bool:
    """Whether an annotation says all that another says (and then, where that names a time)."""
    same_time = given.at is None or known.at == given.at
    said = all(name in known.values and known.values[name] == value for name, value in given.values.items())
    return same_time and known.status == given.status and said and bool(given.values or not known.values)
