"""What every format promises. A new format adds a Case and gets all of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from goldleaf.core import Annotation, Example, Field, InputError, Record, Schema, Span, check_values
from goldleaf.formats import READERS, WRITERS, Item, ReadOptions, WriteOptions, detect_format, read_items, write_items
from goldleaf.formats.tokens import join_words

INTENT = Field("intent", "choice", ("ask", "抱怨", "go home"))
TOPICS = Field("topics", "choice", ("a|b", "c", "[d"), many=True)
SLOTS = Field("slots", "spans", ("PER", "地点"))
POS = Field("pos", "tags", ("NOUN", "-LRB-"))

WORDS = {
    "english": ["Mary", "met", "O'Brien", "."],
    "chinese": ["我", "爱", "北", "京", "。"],
    "chinese words": ["今天", "北京", "下雨"],
    "emoji": ["👩‍👩‍👧", "👍🏽", "🇨🇳", "ok"],
    "full-width": ["ＡＢＣ", "１２３", "x\u3000y"],
    "combining": ["e\u0301tude", "café", "नमस्ते"],
    "right to left": ["שלום", "\u200fעולם", "مرحبا"],
    "zero-width": ["zero\u200bwidth", "\u200d", "می\u200cخواهم"],
    "other spaces": ["10\u00a0000", "a\u2028b", "c\u0085d", "e\x0bf"],
    "punctuation": ['"quoted"', "a,b;c", "|", "#tag", "'", "{x}", "[", "\\n"],
    "byte order mark": ["\ufeffab", "cd"],
    "beyond the basic plane": ["𠮷", "野", "家"],
}


@dataclass(frozen=True)
class Case:
    """A format: its schema, a good file of two records, and that file broken in its second record."""

    format: str
    file: str
    schema: Schema
    good: bytes | Mapping[str, bytes]
    bad: bytes | Mapping[str, bytes]
    bad_at: str
    found: str
    expected: str
    keeps: Callable[[Record, Mapping[str, Any]], Any]
    options: ReadOptions = field(default_factory=ReadOptions)


def everything(schema: Schema, record: Record, values: Mapping[str, Any]) -> Any:
    return record, check_values(schema, values, record)


def words_and_values(schema: Schema, record: Record, values: Mapping[str, Any]) -> Any:
    return record.text, record.tokens, check_values(schema, values, record)


FULL = Schema((INTENT, TOPICS, SLOTS, POS))
ONE = Schema((INTENT,))
SPANS = Schema((SLOTS,))
TAGS = Schema((POS,))
JOINT = Schema((INTENT, SLOTS))

CASES = {
    "jsonl": Case(
        "jsonl",
        "mails.jsonl",
        FULL,
        b'{"id": "1", "text": "hi", "gold": {"intent": "ask"}}\n{"id": "2", "text": "ho"}\n',
        b'{"id": "1", "text": "hi"}\n{"id": "2", "text": 7}\n{"id": "3", "text": "ha"}\n',
        "mails.jsonl:2",
        "7",
        "a string",
        partial(everything, FULL),
    ),
    "csv": Case(
        "csv",
        "mails.csv",
        FULL,
        b"id,text,intent\n1,hi,ask\n2,ho,ask\n",
        b"id,text,intent\n1,hi,ask\n2,ho\n3,ha,ask\n",
        "mails.csv:3",
        "2: ",
        "3, as in the header",
        partial(everything, FULL),
    ),
    "tsv": Case(
        "tsv",
        "mails.tsv",
        FULL,
        b"id\ttext\tintent\n1\thi\task\n2\tho\task\n",
        b"id\ttext\tintent\n1\thi\task\n2\tho\task\tx\n3\tha\task\n",
        "mails.tsv:3",
        "4: ",
        "3, as in the header",
        partial(everything, FULL),
    ),
    "txt": Case(
        "txt",
        "mails.txt",
        ONE,
        b"hi\nho\n",
        b"",
        "",
        "",
        "",
        lambda record, values: record.text,
    ),
    "conll": Case(
        "conll",
        "mails.conll",
        SPANS,
        b"Mary B-PER\nmet O\n\nBob B-PER\n",
        b"Mary B-PER\n\nmet O\nBob NNP B-PER\n\nhi O\n",
        "mails.conll:4",
        "3: ",
        "2",
        partial(words_and_values, SPANS),
    ),
    "conll of tags": Case(
        "conll",
        "mails.conll",
        TAGS,
        b"Mary NOUN\n( -LRB-\n\nBob NOUN\n",
        b"Mary NOUN\n\nmet\n\nhi NOUN\n",
        "mails.conll:3",
        "1: ",
        "2",
        partial(words_and_values, TAGS),
    ),
    "intent-slot": Case(
        "intent-slot",
        "mails",
        JOINT,
        {"seq.in": b"Mary met\nBob\n", "seq.out": b"B-PER O\nB-PER\n", "label": b"ask\nask\n"},
        {"seq.in": b"Mary met\nBob\nhi\n", "seq.out": b"B-PER O\nB-PER O\nO\n", "label": b"ask\nask\nask\n"},
        "mails/seq.out:2",
        "2 tags",
        "1, one for each token",
        partial(words_and_values, JOINT),
    ),
    "labels": Case(
        "labels",
        "mails.csv",
        FULL,
        b"record,field,annotator,value\n1,intent,ann,ask\n2,intent,bob,ask\n",
        b"record,field,annotator,value\n1,intent,ann,ask\n2,intent,,ask\n3,intent,ann,ask\n",
        "mails.csv:3",
        "",
        "a value under annotator",
        lambda record, values: (record.id, check_values(FULL, values, EXAMPLES[record.id].record)),
    ),
}


def example(number: int, words: list[str], schema: Schema = FULL) -> Example:
    text, tokens = join_words(words)
    given: dict[str, Any] = {
        "intent": "抱怨",
        "topics": ["a|b", "[d"] if number % 2 else [],
        "slots": [Span(*tokens[0], "地点")] if number % 3 else [],
        "pos": ["-LRB-"] + ["NOUN"] * (len(words) - 1),
    }
    meta = {"from": "a, b", "n": 1} if number % 2 else {}
    record = Record(f"r{number}", text, tokens, meta, f"g{number}", "2026-01-02T03:04:05Z", "dev")
    return Example(record, {name: given[name] for name in schema.names})


EXAMPLES = {f"r{n}": example(n, words) for n, words in enumerate(WORDS.values())}


@pytest.fixture(params=CASES.values(), ids=CASES.keys())
def case(request: pytest.FixtureRequest) -> Case:
    return request.param


def put(path: Path, content: bytes | Mapping[str, bytes], change: Callable[[bytes], bytes] = bytes) -> Path:
    if isinstance(content, bytes):
        path.write_bytes(change(content))
    else:
        path.mkdir(exist_ok=True)
        for name, part in content.items():
            (path / name).write_bytes(change(part))
    return path


def read(case: Case, path: Path, **options: Any) -> list[Item]:
    return list(read_items(path, case.format, case.schema, replace(case.options, **options)))


def kept(case: Case, items: list[Item]) -> list[Any]:
    return [case.keeps(i.record, i.annotations[0].values if i.annotations else i.values) for i in items]


def fails(case: Case, path: Path, **options: Any) -> str:
    with pytest.raises(InputError) as error:
        read(case, path, **options)
    return str(error.value)


def test_there_is_a_case_for_each_format():
    assert {case.format for case in CASES.values()} == set(READERS) == set(WRITERS)


@pytest.mark.parametrize("words", WORDS.values(), ids=WORDS.keys())
def test_what_is_written_is_read_again_exactly(case: Case, words: list[str], tmp_path: Path):
    number = list(WORDS.values()).index(words)
    given = example(number, words, case.schema)
    assert write_items(tmp_path / case.file, case.format, case.schema, [given]) >= 1
    assert kept(case, read(case, tmp_path / case.file)) == [case.keeps(given.record, given.values)]


def test_records_stay_in_order_and_duplicates_stay(case: Case, tmp_path: Path):
    numbers = [3, 1, 2, 1, 1, 0]
    given = [example(n, list(WORDS.values())[n], case.schema) for n in numbers]
    if case.format == "conll":  # a change of group is a line of its own there, and no part of this test
        given = [Example(replace(e.record, group=None), e.values) for e in given]
    write_items(tmp_path / case.file, case.format, case.schema, given)
    assert kept(case, read(case, tmp_path / case.file)) == [case.keeps(e.record, e.values) for e in given]


def test_an_item_says_where_it_stands_and_whether_it_brings_its_id(case: Case, tmp_path: Path):
    items = read(case, put(tmp_path / case.file, case.good))
    assert len(items) == 2
    assert all(item.where.startswith(case.file) and item.where.rpartition(":")[2].isdigit() for item in items)
    assert all(item.given_id == (item.record.id != "") for item in items)


def test_byte_order_mark_line_ends_and_a_missing_last_one_change_nothing(case: Case, tmp_path: Path):
    plain = read(case, put(tmp_path / case.file, case.good))
    windows = put(tmp_path / case.file, case.good, lambda b: b"\xef\xbb\xbf" + b.replace(b"\n", b"\r\n"))
    assert read(case, windows) == plain
    assert read(case, put(tmp_path / case.file, case.good, lambda b: b.rstrip(b"\n"))) == plain
    assert read(case, put(tmp_path / case.file, case.good, lambda b: b + b"\n\n")) == plain


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "gb18030", "latin-1"])
def test_another_encoding_can_be_named(case: Case, encoding: str, tmp_path: Path):
    plain = read(case, put(tmp_path / case.file, case.good))
    put(tmp_path / case.file, case.good, lambda b: b.decode().encode(encoding))
    assert read(case, tmp_path / case.file, encoding=encoding) == plain


def test_an_unknown_encoding_is_named(case: Case, tmp_path: Path):
    assert "'utf-9'" in fails(case, put(tmp_path / case.file, case.good), encoding="utf-9")


def test_an_empty_file_is_one_clear_error(case: Case, tmp_path: Path):
    for content in (b"", b"\n \n\n"):
        message = fails(case, put(tmp_path / case.file, case.good, lambda _, c=content: c))
        assert case.file in message
        assert "expected" in message


def test_a_path_that_is_not_there_or_of_the_wrong_sort_is_one_clear_error(case: Case, tmp_path: Path):
    assert "there is no such file" in fails(case, tmp_path / "nowhere" / case.file)
    wrong = tmp_path / case.file
    if isinstance(case.good, bytes):
        wrong.mkdir()
        assert "found a folder; expected a file" in fails(case, wrong)
    else:
        wrong.write_bytes(b"x")
        assert "found a file; expected a folder" in fails(case, wrong)


def test_bytes_that_are_not_utf_8_are_named_with_line_and_byte(case: Case, tmp_path: Path):
    message = fails(case, put(tmp_path / case.file, case.good, lambda b: b + b"ab\xffcd\n"))
    first = case.good if isinstance(case.good, bytes) else next(iter(case.good.values()))
    number = first.count(b"\n") + 1  # the line after the last
    assert f":{number}: not valid UTF-8; found byte 0xff at byte 3 of the line; expected text in UTF-8." in message
    assert "name its encoding" in message


def test_a_nul_is_named_with_its_line(case: Case, tmp_path: Path):
    message = fails(case, put(tmp_path / case.file, case.good, lambda b: b.replace(b"\n", b"\x00\n", 1)))
    assert ":1: a NUL character" in message


def test_a_record_of_the_wrong_shape_is_named_with_line_found_and_expected(case: Case, tmp_path: Path):
    if not case.bad:
        pytest.skip("every line is a record here")
    message = fails(case, put(tmp_path / case.file, case.bad))
    assert message.startswith(case.bad_at + ": ")
    assert f"found {case.found}" in message
    assert f"expected {case.expected}" in message


def test_only_the_record_of_the_wrong_shape_is_skipped_where_that_is_asked_for(case: Case, tmp_path: Path):
    if not case.bad:
        pytest.skip("every line is a record here")
    skipped: list[InputError] = []
    items = read(case, put(tmp_path / case.file, case.bad), skip=skipped.append)
    assert len(items) == 2
    assert [error.where for error in skipped] == [case.bad_at]


def test_a_file_gets_its_name_only_when_it_is_whole(case: Case, tmp_path: Path):
    path = put(tmp_path / case.file, case.good)
    before = read(case, path)

    def examples():
        yield example(0, ["Mary"], case.schema)
        raise OSError("no space left")

    with pytest.raises(OSError, match="no space left"):
        write_items(path, case.format, case.schema, examples())
    assert read(case, path) == before
    assert [p.name for p in tmp_path.iterdir()] == [case.file]


def test_a_file_is_written_over_another_and_into_a_new_folder(case: Case, tmp_path: Path):
    put(tmp_path / case.file, case.good)
    for path in (tmp_path / case.file, tmp_path / "new" / case.file):
        write_items(path, case.format, case.schema, [example(1, ["x"], case.schema)])
        assert len(read(case, path)) == 1


def test_the_format_is_told_from_the_path(case: Case, tmp_path: Path):
    assert detect_format(put(tmp_path / case.file, case.good)) == case.format
    assert read(replace(case, format="auto"), tmp_path / case.file) == read(case, tmp_path / case.file)


def test_names_of_files_can_be_in_any_script(case: Case, tmp_path: Path):
    path = put(tmp_path / f"数据 é {case.file}", case.good)
    assert all(item.where.startswith(f"数据 é {case.file}") for item in read(case, path))


def test_a_field_that_the_schema_lacks_is_an_error_before_anything_is_written(case: Case, tmp_path: Path):
    with pytest.raises(InputError, match="no such field"):
        write_items(tmp_path / case.file, case.format, case.schema, [], field="colour")
    assert list(tmp_path.iterdir()) == []


def test_a_record_whose_fields_were_not_asked_gains_no_value(case: Case, tmp_path: Path):
    given = [Example(example(1, ["Mary"]).record, {}), example(2, ["Bob"], case.schema)]
    warnings: list[str] = []
    write_items(tmp_path / case.file, case.format, case.schema, given, options=WriteOptions(warn=warnings.append))
    items = read(case, tmp_path / case.file)
    if len(items) == 2:
        assert items[0].values == {}
        assert warnings == []
    elif case.format != "labels":
        assert "1 records were left out" in warnings[0]


def test_an_unknown_format_is_named(tmp_path: Path):
    with pytest.raises(InputError, match=r"no reader for this format; found 'xml'; expected jsonl or csv"):
        read_items(tmp_path, "xml", ONE)
    with pytest.raises(InputError, match="no writer for this format"):
        write_items(tmp_path / "x", "xml", ONE, [])


def test_annotations_survive_the_formats_that_hold_them(tmp_path: Path):
    given = EXAMPLES["r1"]
    annotations = (
        Annotation("r1", "ann", {"intent": "ask", "slots": [Span(0, 1, "PER")]}, "2026-01-02T03:04:05Z", 2.5),
        Annotation("r1", "bob", {"intent": "抱怨", "topics": []}, status="flagged", origin="llm"),
        Annotation("r1", "cy", {}, seconds=1.0, status="skipped"),
    )
    item = Item(given.record, given.values, annotations, "", True)
    for format, name in (("jsonl", "a.jsonl"), ("labels", "a.csv"), ("labels", "a.parquet"), ("labels", "a.tsv")):
        write_items(tmp_path / name, format, FULL, [item])
        got = [a for i in read_items(tmp_path / name, format, FULL) for a in i.annotations]
        assert [replace(a, values=check_values(FULL, a.values, given.record)) for a in got] == list(annotations)
