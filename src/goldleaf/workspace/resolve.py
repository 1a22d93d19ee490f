"""Gold as it stands: the best method's stored value, else the single answer or the plain majority of the annotators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from goldleaf.core import Annotation, Example, Gold, Schema, Split, best_gold, resolve_majority
from goldleaf.store import Connection, StoredRecord, active, annotations_of, gold_of, pages


def gold_pages(
    c: Connection, project: int, schema: Schema, *, split: Split | None = None
) -> Iterator[list[tuple[StoredRecord, dict[str, Gold]]]]:
    """A project's records in order of import, a page at a time, each with the gold of every field that has one."""
    for page in pages(c, project, split=split):
        ids = {stored.pk: stored.record.id for stored in page}
        stored_gold, annotations = gold_of(c, ids), annotations_of(c, ids)
        yield [
            (stored, resolve(stored.record.id, schema, stored_gold.get(stored.pk, []), annotations.get(stored.pk, [])))
            for stored in page
        ]


def examples(c: Connection, project: int, schema: Schema, *, split: Split | None = None) -> Iterator[Example]:
    """A project's records in order of import, each with its gold values (none where nothing was said)."""
    return (example for _, example in stored_examples(c, project, schema, split=split))


def stored_examples(
    c: Connection, project: int, schema: Schema, *, split: Split | None = None
) -> Iterator[tuple[StoredRecord, Example]]:
    """The same, each beside its stored record."""
    for page in gold_pages(c, project, schema, split=split):
        for stored, golds in page:
            yield stored, Example(stored.record, {name: gold.value for name, gold in golds.items()}, golds)


def resolve(record: str, schema: Schema, golds: Sequence[Gold], annotations: Sequence[Annotation]) -> dict[str, Gold]:
    """The gold of each field of a record that has one, from what is stored of it and what was answered."""
    found: dict[str, Gold] = {}
    answers = active(annotations)
    for field in schema.fields:
        best = best_gold(gold for gold in golds if gold.field == field.name)
        if best is not None and best.annotations:
            best = replace(best, annotators=_people(best, annotations))
        best = best or resolve_majority(record, field.name, answers)
        if best is not None:
            found[field.name] = best
    return found


def _people(gold: Gold, annotations: Sequence[Annotation]) -> int:
    """By how many people the annotations are that a gold rests on; what brought it as a file is nobody."""
    return len({a.annotator for a in annotations if a.id in gold.annotations and a.origin != "import"})
