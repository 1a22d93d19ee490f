"""Blocks: read one by one they are the whole file, whatever stands between its lines."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from goldleaf.core import Field, InputError, Schema
from goldleaf.formats import Block, ReadOptions, cut_blocks, read_block, read_items

SCHEMA = Schema((Field("intent", "choice", ("a", "b")),))
ROUNDS = settings(max_examples=60, deadline=None)
LINES = st.lists(
    st.sampled_from(
        ['{"text": "one"}', '{"id": "x", "text": "二"}', ' {"text": ""}\r', "", "  ", "\t\r", "\u3000", "\u2028"]
    ),
    max_size=12,
)


def read(data, format, size, **options):
    """The blocks of a file, and what each holds."""
    blocks = list(cut_blocks(io.BytesIO(data), "f", format, size))
    return blocks, [list(read_block(io.BytesIO(data), "f", format, b, SCHEMA, ReadOptions(**options))) for b in blocks]


@ROUNDS
@given(LINES, st.integers(1, 4), st.booleans(), st.booleans())
def test_the_blocks_of_jsonl_are_the_records_of_the_file(tmp_path_factory, lines, size, mark, end):
    data = ("\ufeff" if mark else "") + "\n".join(lines) + ("\n" if end else "")
    blocks, parts = read(data.encode(), "jsonl", size)
    assert [b.records for b in blocks] == [len(part) for part in parts]
    assert all(b.records == size for b in blocks[:-1])
    if not any(parts):
        return
    path = tmp_path_factory.mktemp("blocks") / "f"
    path.write_text(data, encoding="utf-8", newline="")
    whole = list(read_items(path, "jsonl", SCHEMA))
    found = [item for part in parts for item in part]
    assert [(i.record.text, i.where) for i in found] == [(i.record.text, i.where) for i in whole]
    assert [i.record.id for i in found] == [i.record.id or str(n) for n, i in enumerate(whole, 1)]


@ROUNDS
@given(st.integers(0, 40), st.integers(1, 9), st.integers(1, 9))
def test_the_blocks_of_parquet_are_its_rows_however_they_are_grouped(rows, size, group):
    table = pa.table({"text": pa.array([f"t{n}" for n in range(1, rows + 1)], pa.string()), "other": [None] * rows})
    file = io.BytesIO()
    pq.write_table(table, file, row_group_size=group)
    blocks, parts = read(file.getvalue(), "parquet", size)
    assert blocks == [Block(first, min(size, rows - first + 1)) for first in range(1, rows + 1, size)]
    numbers = [str(n) for n in range(1, rows + 1)]
    assert [i.record.id for part in parts for i in part] == numbers
    assert [i.record.text for part in parts for i in part] == [f"t{n}" for n in numbers]
    assert [i.where for part in parts for i in part] == [f"f:row {n}" for n in numbers]


def test_ids_and_tokens_are_read_from_parquet_and_a_text_of_another_name():
    rows = {"id": [7, None], "text": ["to rome", "hi"], "tokens": [[[0, 2], [3, 7]], None]}
    file = io.BytesIO()
    pq.write_table(pa.table(rows), file)
    ((first, second),) = read(file.getvalue(), "parquet", 5)[1]
    assert (first.record.id, first.record.text, first.record.tokens) == ("7", "to rome", ((0, 2), (3, 7)))
    assert (second.record.id, second.record.tokens) == ("2", None)
    file = io.BytesIO()
    pq.write_table(pa.table({"utterance": ["hi"]}), file)
    assert read(file.getvalue(), "parquet", 5)[1][0][0].record.text == "hi"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b'{"text": ', "f:3: not valid JSON"),
        (b'{"text": "\xff"}', "f:3: not valid UTF-8; found byte 0xff at byte 11"),
        (b'{"text": "a\x00"}', "f:3: a NUL character"),
        (b'{"text": "\\ud800"}', "f:3: half of a surrogate pair"),
        (b'{"text": 3}', 'f:3: "text" is not a string'),
        (b"[]", "f:3: not a JSON object"),
    ],
)
def test_a_bad_line_is_named_or_left_out_and_the_others_keep_their_numbers(line, message):
    data = b'{"text": "one"}\n\n' + line + b'\n{"text": "three"}\n'
    with pytest.raises(InputError, match=message):
        read(data, "jsonl", 10)
    left_out = []
    ((first, third),) = read(data, "jsonl", 10, skip=left_out.append)[1]
    assert (first.record.id, third.record.id, third.where) == ("1", "3", "f:4")
    assert [str(error).startswith(message) for error in left_out] == [True]


def test_what_is_not_parquet_and_what_has_no_text_are_refused():
    with pytest.raises(InputError, match="f: this is not Parquet that can be read"):
        read(b"PAR1 or not", "parquet", 5)
    file = io.BytesIO()
    pq.write_table(pa.table({"words": ["a"]}), file)
    with pytest.raises(InputError, match="f: no column holds the text"):
        read(file.getvalue(), "parquet", 5)
