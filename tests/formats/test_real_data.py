"""The readers on real annotated data: sentences, tokens and spans are as many as their publishers say."""

from pathlib import Path

import pytest

from goldleaf.core import Field, Schema, check_values
from goldleaf.formats import ReadOptions, read_items, write_items

DATA = Path(__file__).parents[3] / "shared" / "data"
pytestmark = [pytest.mark.shared, pytest.mark.skipif(not DATA.is_dir(), reason="the real annotated data is not here")]

NER = Schema((Field("ents", "spans"),))
JOINT = Schema((Field("intent", "choice"), Field("slots", "spans")))


def read(name, schema=NER):
    warnings = []
    items = list(read_items(DATA / name, "auto", schema, ReadOptions(warn=warnings.append)))
    spans = sum(len(item.values[schema.fields[-1].name]) for item in items)
    return items, len(items), sum(len(item.record.tokens) for item in items), spans, warnings


@pytest.mark.parametrize(
    ("name", "sentences", "tokens", "spans"),
    [
        ("conll2003_en/train.txt", 14_041, 203_621, 23_499),
        ("conll2003_en/dev.txt", 3_250, 51_362, 5_942),
        ("conll2003_en/test_original.txt", 3_453, 46_435, 5_648),
        ("zh_ner_resume/dev.char.bmes", 463, 13_890, 1_497),
        ("zh_ner_resume/test.char.bmes", 477, 15_100, 1_630),
    ],
)
def test_counts_are_the_published_ones(name, sentences, tokens, spans):
    _, *counts, warnings = read(name)
    assert counts == [sentences, tokens, spans]
    assert warnings == []


def test_the_resume_training_set_has_four_malformed_tags():
    items, sentences, tokens, spans, warnings = read("zh_ner_resume/train.char.bmes")
    # 13,438 is the number of B and S tags; by the rule of conlleval two spans more begin at an M or E that follows no tag of their label
    assert (sentences, tokens, spans) == (3_821, 124_099, 13_440)
    assert warnings[0].startswith("train.char.bmes: 4 tags in 4 sentences stand where BMES does not allow them")
    assert " " not in items[0].record.text


@pytest.mark.parametrize(
    ("name", "sentences", "spans"), [("zh_ner_msra/dev.tsv", 2_318, 3_819), ("zh_ner_msra/test.tsv", 4_636, 7_707)]
)
def test_tagged_tsv_has_the_published_counts(name, sentences, spans):
    items, *counts, _ = read(name)
    assert (counts[0], counts[2]) == (sentences, spans)
    assert sum(" " in item.record.text for item in items) < len(items) / 100


@pytest.mark.parametrize(("name", "records"), [("train", 13_084), ("valid", 700), ("test", 700)])
def test_intents_and_slots_have_the_published_counts(name, records):
    items, count, *_ = read(f"intent_slot_snips/{name}", JOINT)
    assert count == records
    assert len({item.values["intent"] for item in items}) == 7


def test_there_are_39_types_of_slots():
    items, *_ = read("intent_slot_snips/train", JOINT)
    assert len({span.label for item in items for span in item.values["slots"]}) == 39


def test_documents_become_groups():
    items, *_ = read("conll2003_en/test_original.txt")
    assert len({item.record.group for item in items}) == 231


def test_real_sentences_come_back_as_they_were(tmp_path):
    items, *_ = read("zh_ner_resume/test.char.bmes")
    schema = Schema((Field("ents", "spans", tuple(sorted({s.label for i in items for s in i.values["ents"]}))),))
    for format, name in (("conll", "a.conll"), ("jsonl", "a.jsonl"), ("csv", "a.csv")):
        write_items(tmp_path / name, format, schema, items)
        back = [
            (i.record, check_values(schema, i.values, i.record)) for i in read_items(tmp_path / name, format, schema)
        ]
        assert back == [(i.record, i.values) for i in items]
