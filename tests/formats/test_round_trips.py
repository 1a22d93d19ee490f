"""Whatever can be written is read again, for values and texts that nobody would think of."""

import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.core import SCHEMES, Annotation, Example, Field, Record, Schema, Span, check_values
from goldleaf.formats import Item, WriteOptions, read_items, write_items
from goldleaf.formats.tokens import join_words

CHARACTERS = st.one_of(
    st.sampled_from("a b,;|\"'\\\t\n\r[]{}#\ufeff\u200b\u2028\x85\x0b我é\u0301👩\u200d"),
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"),
)
TEXTS = st.text(CHARACTERS, max_size=20)
WORDS = st.lists(
    st.text(CHARACTERS.filter(lambda c: c not in " \t\n\r"), min_size=1, max_size=4), min_size=1, max_size=6
)
WORDS = WORDS.filter(lambda words: not words[0].startswith("-DOCSTART-"))
LABELS = ("A", "b c", "x|y", "[z", '"q"', "O")
FULL = Schema(
    (
        Field("one", "choice", LABELS),
        Field("some", "choice", LABELS, many=True),
        Field("spans", "spans", LABELS, overlap="overlapping"),
        Field("tags", "tags", LABELS),
    )
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(TEXTS, inner, max_size=2),
    max_leaves=4,
)
ROUNDS = settings(max_examples=50, deadline=None)


@st.composite
def examples(draw):
    text = draw(TEXTS)
    borders = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)))
    tokens = draw(st.none() | st.just(tuple(zip(borders[::2], borders[1::2], strict=False))))
    label = st.sampled_from(LABELS)
    values = {}
    if draw(st.booleans()):
        values["one"] = draw(label)
    if draw(st.booleans()):
        values["some"] = draw(st.lists(label, max_size=3, unique=True))
    if text and draw(st.booleans()):
        pairs = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).filter(lambda p: p[0] < p[1])
        values["spans"] = [Span(*pair, draw(label)) for pair in draw(st.lists(pairs, max_size=3))]
    if tokens is not None and draw(st.booleans()):
        values["tags"] = [draw(label) for _ in tokens]
    optional = st.none() | TEXTS.filter(bool)
    meta = draw(st.dictionaries(TEXTS, JSON, max_size=3))
    record = Record(
        draw(TEXTS),
        text,
        tokens,
        meta,
        draw(optional),
        draw(optional),
        draw(st.sampled_from([None, "train", "dev", "test"])),
    )
    return Example(record, check_values(FULL, values, record))


def there_and_back(format, name, schema, given, **options):
    with tempfile.TemporaryDirectory() as folder:
        write_items(
            Path(folder) / name, format, schema, given, options=WriteOptions(warn=lambda message: None, **options)
        )
        return list(read_items(Path(folder) / name, format, schema))


@pytest.mark.parametrize(("format", "name"), [("jsonl", "a.jsonl"), ("csv", "a.csv"), ("tsv", "a.tsv")])
@ROUNDS
@given(given=st.lists(examples(), min_size=1, max_size=4))
def test_records_and_values_come_back_as_they_were(format, name, given):
    items = there_and_back(format, name, FULL, given)
    assert [(i.record, check_values(FULL, i.values, i.record)) for i in items] == [
        (e.record, dict(e.values)) for e in given
    ]


@ROUNDS
@given(given=examples(), seconds=st.none() | st.floats(0, 1e6), status=st.sampled_from(["submitted", "flagged"]))
def test_annotations_come_back_as_they_were(given, seconds, status):
    record = replace(given.record, id=given.record.id.strip() or "r")
    one = Annotation(record.id, "ann", given.values, "2026-01-01T00:00:00Z", seconds, status)
    item = Item(record, given.values, (one,), "", True)
    (back,) = there_and_back("jsonl", "a.jsonl", FULL, [item])
    assert [replace(a, values=check_values(FULL, a.values, record)) for a in back.annotations] == [one]
    for name in ("a.csv", "a.parquet"):
        items = there_and_back("labels", name, FULL, [item])
        assert bool(items) == bool(given.values or status == "flagged")
        assert [replace(a, values=check_values(FULL, a.values, record)) for i in items for a in i.annotations] == [
            one
        ] * len(items)


@ROUNDS
@given(
    words=WORDS,
    cuts=st.lists(st.integers(0, 6), max_size=6),
    scheme=st.sampled_from(SCHEMES),
    separator=st.sampled_from([" ", "\t"]),
)
def test_tokens_and_spans_come_back_in_every_scheme(words, cuts, scheme, separator):
    schema = Schema((Field("slots", "spans", ("A", "B-b")),))
    text, tokens = join_words(words)
    borders = sorted({min(cut, len(words)) for cut in cuts})
    spans = [
        Span(tokens[a][0], tokens[b - 1][1], "A" if a % 2 else "B-b")
        for a, b in zip(borders[::2], borders[1::2], strict=False)
    ]
    given = Example(Record("", text, tokens), {"slots": spans})
    (item,) = there_and_back("conll", "a.conll", schema, [given], scheme=scheme, separator=separator)
    assert (item.record, item.values) == (given.record, {"slots": spans})
    joint = Schema((Field("intent", "choice", ("x",)), *schema.fields))
    (item,) = there_and_back(
        "intent-slot", "a", joint, [Example(given.record, {"intent": "x", "slots": spans})], scheme=scheme
    )
    assert (item.record, item.values) == (given.record, {"intent": "x", "slots": spans})


@ROUNDS
@given(st.lists(TEXTS.filter(lambda t: t.strip() and "\n" not in t and not t.endswith("\r")), min_size=1, max_size=4))
def test_lines_of_text_come_back_as_they_were(texts):
    items = there_and_back("txt", "a.txt", FULL, [Example(Record("", text), {}) for text in texts])
    assert [item.record.text for item in items] == texts
