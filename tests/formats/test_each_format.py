"""What is peculiar to each format."""

import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from goldleaf.core import Annotation, Example, Field, InputError, Record, Schema, Span
from goldleaf.formats import Item, ReadOptions, WriteOptions, detect_format, read_items, write_items
from goldleaf.formats.tokens import join_words, parse_tokens

INTENT = Schema((Field("intent", "choice", ("ask", "buy")),))
MANY = Schema((Field("topics", "choice", ("a", "b"), many=True),))
SPANS = Schema((Field("ents", "spans", ("PER", "LOC")),))
TAGS = Schema((Field("pos", "tags", ("NOUN", "VERB")),))
JOINT = Schema((*INTENT.fields, *SPANS.fields))


@pytest.fixture
def read(tmp_path):
    def read_text(name, content, schema, format="auto", **options):
        (tmp_path / name).write_text(content, encoding="utf-8", newline="")
        return list(read_items(tmp_path / name, format, schema, ReadOptions(**options)))

    return read_text


@pytest.fixture
def fails(read):
    def error_of(*args, **options):
        with pytest.raises(InputError) as error:
            read(*args, **options)
        return str(error.value)

    return error_of


def texts(items):
    return [item.record.text for item in items]


def values(items):
    return [item.values for item in items]


# --- tokens


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["I", "am"], "I am"),
        (["我", "有", "1", "本"], "我有1本"),
        (["1", "9", "年", "，", "IBM"], "19年，IBM"),
        (["９", "。"], "９。"),
        (["今天", "北京", "好"], "今天 北京 好"),
        (["买", "iPhone", "手机"], "买 iPhone 手机"),
        (["a", "b", "c"], "a b c"),
    ],
)
def test_words_are_joined_by_nothing_where_most_are_single_chinese_characters(words, text):
    joined, offsets = join_words(words)
    assert joined == text
    assert [joined[a:b] for a, b in offsets] == words


def test_tokens_are_offsets_or_words_found_in_the_text():
    assert parse_tokens([[0, 2]], "hi") == ("hi", ((0, 2),))
    assert parse_tokens(["ab", "ab"], "ab-ab") == ("ab-ab", ((0, 2), (3, 5)))
    assert parse_tokens([], None) == ("", ())
    for raw, text in ((["no"], "hi"), ([[0]], "hi"), ([[0, 1]], None), ("hi", "hi"), (["", "a"], None), (None, None)):
        with pytest.raises(InputError):
            parse_tokens(raw, text)


# --- JSONL


def test_jsonl_takes_a_field_as_a_key_and_keeps_unknown_keys_as_meta(read):
    (item,) = read(
        "a.jsonl", '{"text": "hi", "intent": "ask", "lang": "en", "meta": {"n": [1]}, "ents": null}\n', JOINT
    )
    assert item.values == {"intent": "ask"}
    assert item.record.meta == {"n": [1], "lang": "en"}


def test_jsonl_makes_the_text_of_words_and_finds_words_in_the_text(read):
    items = read(
        "a.jsonl", '{"tokens": ["Ann", "left"]}\n{"text": "Ann left.", "tokens": ["Ann", "left", "."]}\n', SPANS
    )
    assert texts(items) == ["Ann left", "Ann left."]
    assert items[1].record.tokens == ((0, 3), (4, 8), (8, 9))


def test_jsonl_takes_numbers_as_ids_and_spans_as_objects(read):
    (item,) = read("a.jsonl", '{"id": 7, "text": "Ann", "ents": [{"start": 0, "end": 3, "label": "PER"}]}\n', SPANS)
    assert (item.record.id, item.given_id) == ("7", True)


def test_jsonl_finds_text_and_label_by_the_names_that_others_use(read):
    assert values(read("a.jsonl", '{"sentence": "hi", "label": "ask"}\n', INTENT)) == [{"intent": "ask"}]
    (item,) = read("a.jsonl", '{"body": "hi", "kind": "ask"}', INTENT, text_column="body", column="kind")
    assert (item.record.text, item.values, item.record.meta) == ("hi", {"intent": "ask"}, {})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not valid JSON; found Expecting property name"),
        ("[1]", "not a JSON object; found [1]"),
        ('{"text": "a", "text": "b"}', "a key stands twice in one object; found text"),
        ('{"id": "", "text": "a"}', "an id is a string; found ''"),
        ('{"text": "a", "intent": "ask", "gold": {"intent": "buy"}}', "two golds for the field intent"),
        ('{"text": "a", "x": 1, "meta": {"x": 2}}', "a key stands beside meta and in it; found 'x'"),
        ('{"text": "a", "split": "valid"}', "unknown split; found 'valid'; expected train, dev or test"),
        ('{"text": "a", "tokens": [[0, 5]]}', "token 0 is out of place; found [0, 5]"),
        ('{"text": "a", "annotations": [{"values": {}}]}', "annotation 1 names no annotator"),
        ('{"text": "a", "annotations": [{"annotator": "x", "status": "done"}]}', "unknown status; found 'done'"),
        ('{"text": "a", "annotations": [{"annotator": "x", "seconds": -1}]}', "the seconds of annotation 1; found -1"),
        (
            '{"text": "a", "annotations": [{"annotator": "x", "value": 1}]}',
            "annotation 1 has an unknown key; found value",
        ),
        ("[" * 100_000, "JSON"),
        ('{"label": "ask"}', "there is no text"),
    ],
)
def test_jsonl_says_what_is_wrong_with_a_line(fails, line, message):
    text = fails("a.jsonl", '{"text": "fine"}\n' + line + "\n", INTENT)
    assert text.startswith("a.jsonl:2")
    assert message in text


def test_jsonl_refuses_to_write_what_json_cannot_hold(tmp_path):
    for meta in ({"x": float("nan")}, {"x": {1}}):
        with pytest.raises(InputError, match="record r: JSON cannot hold this"):
            write_items(tmp_path / "a.jsonl", "jsonl", INTENT, [Example(Record("r", "t", None, meta), {})])
    with pytest.raises(InputError, match="cannot hold"):
        write_items(tmp_path / "a.jsonl", "jsonl", INTENT, [Example(Record("r", "\ud800"), {})])
    assert list(tmp_path.iterdir()) == []


def test_jsonl_writes_one_field_where_one_is_named(tmp_path):
    annotation = Annotation("r", "ann", {"intent": "ask", "ents": []})
    item = Item(Record("r", "Ann"), {"intent": "ask", "ents": []}, (annotation,), "", True)
    write_items(tmp_path / "a.jsonl", "jsonl", JOINT, [item], field="ents")
    data = json.loads((tmp_path / "a.jsonl").read_text())
    assert (data["gold"], data["annotations"][0]["values"]) == ({"ents": []}, {"ents": []})


def test_a_line_of_megabytes_is_read_up_to_the_longest_text(read):
    text = "我" * 1_000_000  # 3 MB
    assert texts(read("a.jsonl", json.dumps({"text": text}, ensure_ascii=False), INTENT)) == [text]
    assert texts(read("a.txt", text, INTENT, "txt")) == [text]
    assert texts(read("a.csv", f"text\n{text}\n", INTENT)) == [text]
    with pytest.raises(InputError, match=r"a\.txt:1, .*found 1,000,001 characters; expected at most 1,000,000"):
        texts(read("a.txt", text + "我", INTENT, "txt"))


def test_reading_is_lazy(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"text": "hi"}\nbroken\n')
    items = read_items(tmp_path / "a.jsonl", "jsonl", INTENT)
    assert next(items).record.text == "hi"
    with pytest.raises(InputError, match=r"a\.jsonl:2"):
        next(items)


def test_texts_without_tokens_are_segmented_where_that_is_asked_for(read):
    (item,) = read("a.txt", "我爱北京\n", INTENT, "txt", segment="chars")
    assert item.record.token_texts() == ["我", "爱", "北", "京"]


# --- CSV and TSV


def test_csv_keeps_what_stands_in_quotes_and_names_the_line_a_row_begins_on(read):
    items = read("a.csv", 'text,intent\r\n"a, ""b""\nc",ask\r\n\r\nd,buy\r\n', INTENT)
    assert texts(items) == ['a, "b"\nc', "d"]
    assert [item.where for item in items] == ["a.csv:2", "a.csv:5"]


def test_csv_columns_are_meta_where_they_are_nothing_else(read):
    (item,) = read("a.csv", 'text,meta.lang,shop,meta,intent\nhi,en,,"{""n"": 1}",\n', INTENT)
    assert (item.record.meta, item.values) == ({"lang": "en", "n": 1}, {})


@pytest.mark.parametrize("name", ["label", "intent", "category", "class", "sentiment"])
def test_csv_takes_a_column_that_says_label_for_the_only_choice(read, name):
    assert values(read("a.csv", f"text,{name}\nhi,ask\n", INTENT)) == [{"intent": "ask"}]


def test_csv_takes_the_columns_it_is_told_by_name_or_number(read):
    for options in ({"text_column": "msg", "column": "why"}, {"text_column": 2, "column": -1}):
        (item,) = read("a.csv", "n,msg,why\n1,hi,ask\n", INTENT, **options)
        assert (item.record.text, item.values, item.record.meta) == ("hi", {"intent": "ask"}, {"n": "1"})


def test_csv_without_a_header_is_read_by_given_names(read):
    assert values(read("a.csv", "hi,ask\n", INTENT, columns=("text", "intent"))) == [{"intent": "ask"}]


def test_csv_of_many_labels_parts_them_by_a_bar_and_knows_none_from_not_asked(read):
    items = read("a.csv", "text,topics\nw,a|b\nx,a\ny,[]\nz,\n", MANY)
    assert values(items) == [{"topics": ["a", "b"]}, {"topics": ["a"]}, {"topics": []}, {}]


def test_csv_parted_by_semicolons_is_told_from_its_header(read):
    assert texts(read("a.csv", "text;intent\na, b;ask\n", INTENT)) == ["a, b"]


def test_tsv_may_hold_a_tag_for_each_token(read):
    (item,) = read("a.tsv", "text_a\tlabel\n我 在 北 京\tO O B-LOC I-LOC\n", SPANS)
    assert item.record.text == "我在北京"
    assert item.values == {"ents": [Span(2, 4, "LOC")]}


def test_tsv_with_loose_quotes_is_read_when_quotes_mean_nothing(read, fails):
    content = 'text\tintent\n"hi\task\nho\tbuy\n'
    message = fails("a.tsv", content, INTENT)
    assert message.startswith("a.tsv:2: this row is not valid CSV")
    assert texts(read("a.tsv", content, INTENT, quotes=False)) == ['"hi', "ho"]


@pytest.mark.parametrize(
    ("content", "where", "message"),
    [
        ("txt,intent\nhi,ask\n", "a.csv:1", "no column holds the text; found 'txt', 'intent'"),
        ("text,text\nhi,ask\n", "a.csv:1", "two columns have one name; found 'text'"),
        ('text,tokens\nhi,"[[0, 9]]"\n', "a.csv:2", "token 0 is out of place"),
        ("text,tokens\nhi,[0\n", "a.csv:2", "tokens is not valid JSON; found '[0'"),
        ("text,meta\nhi,3\n", "a.csv:2", "meta is no object; found 3"),
    ],
)
def test_csv_says_what_is_wrong(fails, content, where, message):
    text = fails("a.csv", content, INTENT)
    assert text.startswith(where)
    assert message in text


def test_csv_spans_that_are_neither_json_nor_tags_are_an_error(fails):
    assert "a.csv:2: tags of ents and tokens differ in number; found 1 tags; expected 2" in fails(
        "a.csv", "text,ents\na b,PER\n", SPANS
    )
    assert "a.csv:2: not the spans of ents; found '[[0, 1'" in fails("a.csv", 'text,ents\na b,"[[0, 1"\n', SPANS)


def test_csv_has_only_the_columns_that_are_filled(tmp_path):
    write_items(
        tmp_path / "a.csv",
        "csv",
        INTENT,
        [Example(Record("", "=1+1"), {"intent": "ask"}), Example(Record("", " b"), {})],
    )
    assert (tmp_path / "a.csv").read_text() == 'text,intent\n=1+1,ask\n" b",\n'


def test_a_header_without_rows_is_no_record(read):
    assert read("a.csv", "text,intent\n", INTENT) == []


# --- CoNLL


def test_conll_makes_a_group_of_each_document(read):
    items = read(
        "a.conll", "-DOCSTART- -X- O\n\nAnn NNP B-PER\n\n-DOCSTART- -X- O\n\nOslo NNP B-LOC\n\nx NN O\n", SPANS
    )
    assert [item.record.group for item in items] == ["a.conll#1", "a.conll#2", "a.conll#2"]
    assert [item.where for item in items] == ["a.conll:3", "a.conll:7", "a.conll:9"]


def test_conll_without_documents_has_no_groups(read):
    assert [item.record.group for item in read("a.conll", "Ann B-PER\n", SPANS)] == [None]


def test_conll_columns_are_named_or_numbered(read):
    content = "1 Ann NOUN B-PER\n2 left VERB O\n"
    assert read("a.conll", content, SPANS, text_column=2)[0].record.text == "Ann left"
    names = ("n", "word", "pos", "ner")
    (item,) = read("a.conll", content, TAGS, columns=names, text_column="word", column="pos")
    assert item.values == {"pos": ["NOUN", "VERB"]}
    assert values(read("a.conll", content, TAGS, column=-2)) == [{"pos": ["NOUN", "VERB"]}]


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("I-PER I-PER B-PER O", [(0, 3), (4, 5)]),  # IOB1: B only parts
        ("B-PER I-PER B-PER O", [(0, 3), (4, 5)]),
        ("B-PER E-PER S-PER O", [(0, 3), (4, 5)]),
        ("B-PER L-PER U-PER O", [(0, 3), (4, 5)]),
        ("B-PER E-PER M-PER O", [(0, 3), (4, 5)]),  # BMES with a stray M
    ],
)
def test_conll_reads_every_scheme(read, tags, spans):
    rows = "".join(f"{word} {tag}\n" for word, tag in zip("abcd", tags.split(), strict=True))
    (item,) = read("a.conll", rows, SPANS, warn=lambda message: None)
    assert item.values == {"ents": [Span(a, b, "PER") for a, b in spans]}


def test_conll_counts_malformed_tags_in_one_warning(read):
    warnings = []
    content = "a B-PER\nb I-LOC\n\nc I-PER\n\nd B-LOC\n\ne B-LOC\n"
    items = read("a.conll", content, SPANS, warn=warnings.append)
    assert values(items)[0] == {"ents": [Span(0, 1, "PER"), Span(2, 3, "LOC")]}
    assert warnings == [
        "a.conll: 2 tags in 2 sentences stand where IOB2 does not allow them; they were read by the rule of conlleval"
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "a B-PER\nb B PER\n",
            "a.conll:2: another number of columns than the line the file begins with; found 3: 'b B PER'; expected 2",
        ),
        ("a B-PER\nb PER\n", "a.conll:2: not a tag; found 'PER'"),
        ("a\tB-PER\n\tO\n", "a.conll:2: the token is empty"),
        ("word\n", "a.conll:1: too few or too many columns; found 1"),
        ("-DOCSTART- O\n\n", "a.conll: there is no sentence in the file"),
    ],
)
def test_conll_says_what_is_wrong(fails, content, message):
    assert message in fails("a.conll", content, SPANS)


def test_conll_names_a_column_that_is_not_there(fails):
    assert "no such column; found 5; expected a number 1..2" in fails("a.conll", "a O\n", SPANS, column=5)
    assert "no such column; found 'ner'; expected one of w, t, or" in fails(
        "a.conll", "a O\n", SPANS, columns=("w", "t"), column="ner"
    )


def test_conll_asks_which_field_where_there_are_two(fails, read):
    schema = Schema((*SPANS.fields, *TAGS.fields))
    assert "found ents, pos; expected exactly one" in fails("a.conll", "a O\n", schema)
    assert values(read("a.conll", "a NOUN\n", schema, field="pos")) == [{"pos": ["NOUN"]}]


def test_conll_lines_that_begin_with_a_hash_are_tokens(read):
    assert texts(read("a.conll", "# O\n#tag O\nx O\n", SPANS)) == ["# #tag x"]


def test_conllu_has_comments_texts_and_words_of_several_tokens(read):
    rows = ["# newdoc id = d1", "# sent_id = s1", "# text = Kaufe dies im Haus."]
    rows += [f"{n}\t{w}\t_\t{p}\t_\t_\t_\t_\t_\t_" for n, w, p in [("1", "Kaufe", "VERB"), ("2", "dies", "PRON")]]
    rows += ["3-4\tim\t_\t_\t_\t_\t_\t_\t_\t_"]
    rows += [f"{n}\t{w}\t_\t{p}\t_\t_\t_\t_\t_\t_" for n, w, p in [("3", "in", "ADP"), ("4", "dem", "DET")]]
    (item,) = read("a.conllu", "\n".join(rows) + "\n", TAGS)
    assert (item.record.id, item.record.group) == ("s1", "d1")
    assert item.record.text == "Kaufe dies in dem"  # the words are not parts of the text
    assert item.values == {"pos": ["VERB", "PRON", "ADP", "DET"]}
    plain = [row for row in rows if row[:1] not in "34"]
    assert texts(read("b.conllu", "\n".join(plain), TAGS)) == ["Kaufe dies im Haus."]


def test_conll_writes_each_scheme_and_a_line_for_each_document(tmp_path):
    given = [
        Example(Record("", "Ann Lee", ((0, 3), (4, 7)), group=g), {"ents": [Span(0, 7, "PER")]}) for g in (None, "d")
    ]
    write_items(tmp_path / "a.conll", "conll", SPANS, given, scheme="BMES")
    assert (tmp_path / "a.conll").read_text() == "Ann B-PER\nLee E-PER\n\n-DOCSTART- O\n\nAnn B-PER\nLee E-PER\n\n"


def test_conll_segments_texts_and_counts_spans_that_tokens_do_not_fit(tmp_path):
    warnings = []
    given = [Example(Record("", "Annabel went"), {"ents": [Span(0, 3, "PER")]})]
    options = WriteOptions(warn=warnings.append)
    assert write_items(tmp_path / "a.conll", "conll", SPANS, given, options=options) == 1
    assert (tmp_path / "a.conll").read_text() == "Annabel B-PER\nwent O\n\n"
    assert warnings == ["a.conll: 1 spans of ents were widened to whole tokens or cut where they overlap"]


def test_conll_does_not_write_a_token_with_a_blank_in_it(tmp_path):
    given = [Example(Record("r", "New York", ((0, 8),)), {"ents": []})]
    with pytest.raises(InputError, match="record r: CoNLL cannot hold this token or tag; found 'New York'"):
        write_items(tmp_path / "a.conll", "conll", SPANS, given)
    write_items(tmp_path / "a.conll", "conll", SPANS, given, options=WriteOptions(separator="\t"))
    assert texts(read_items(tmp_path / "a.conll", "conll", SPANS)) == ["New York"]


# --- intent-slot


def folder(path, seq_in, seq_out, label):
    path.mkdir()
    for name, content in zip(("seq.in", "seq.out", "label"), (seq_in, seq_out, label), strict=True):
        (path / name).write_text(content)
    return path


@pytest.mark.parametrize(
    ("files", "message"),
    [
        (
            ("a b\nc\n", "O O\nO\n", "ask\n"),
            "f/label:2: the file ends before the others; found no line; expected line 2",
        ),
        (("a\n", "O\nO\n", "ask\nask\n"), "f/seq.in:2: the file ends before the others"),
        (("a b\n", "O\n", "ask\n"), "f/seq.out:1: tokens and tags differ in number; found 1 tags; expected 2"),
        (("a\n", "PER\n", "ask\n"), "f/seq.out:1: not a tag; found 'PER'"),
        (("a\nb\n", "O\nO\n", "ask\n \n"), "f/label:2: the intent is missing"),
    ],
)
def test_intent_slot_names_the_file_and_line(tmp_path, files, message):
    with pytest.raises(InputError) as error:
        list(read_items(folder(tmp_path / "f", *files), "auto", JOINT))
    assert str(error.value).startswith(message)


def test_intent_slot_needs_all_its_files(tmp_path):
    path = folder(tmp_path / "f", "a\n", "O\n", "ask\n")
    (path / "label").unlink()
    with pytest.raises(InputError, match="there is no such file"):
        read_items(path, "intent-slot", JOINT)
    with pytest.raises(InputError, match=r"expected one with seq\.in, seq\.out, label"):
        detect_format(path)


def test_intent_slot_joins_many_intents_by_a_hash(tmp_path):
    schema = Schema((Field("intent", "choice", ("ask", "buy"), many=True), *SPANS.fields))
    (item,) = read_items(folder(tmp_path / "f", "a\n", "O\n", "ask#buy\n"), "auto", schema)
    assert item.values == {"intent": ["ask", "buy"], "ents": []}
    write_items(tmp_path / "g", "intent-slot", schema, [Example(item.record, item.values)])
    assert (tmp_path / "g" / "label").read_text() == "ask#buy\n"


def test_intent_slot_asks_for_the_fields_it_speaks_of(tmp_path):
    with pytest.raises(InputError, match=r"one spans or tags field is needed; found only intent \(choice\)"):
        read_items(folder(tmp_path / "f", "a\n", "O\n", "ask\n"), "auto", INTENT)


# --- the label table


def test_labels_join_what_one_annotator_said_of_one_record(read):
    rows = "record,field,annotator,value,seconds\n1,intent,ann,ask,3\n1,ents,ann,[],\n1,intent,bob,buy,1.5\n"
    items = read("l.csv", rows, JOINT)
    assert [(a.annotator, a.values, a.seconds) for i in items for a in i.annotations] == [
        ("ann", {"intent": "ask", "ents": []}, 3.0),
        ("bob", {"intent": "buy"}, 1.5),
    ]


def test_labels_keep_a_repeated_answer(read):
    rows = "record,annotator,value\n1,ann,ask\n1,ann,ask\n1,ann,buy\n"
    assert [i.annotations[0].values["intent"] for i in read("l.csv", rows, INTENT)] == ["ask", "ask", "buy"]


def test_labels_without_an_annotator_take_the_one_that_is_named(read, fails):
    assert "no column annotator" in fails("l.csv", "record,value\n1,ask\n", INTENT, "labels")
    (item,) = read("l.csv", "record,value\n1,ask\n", INTENT, "labels", annotator="ann")
    assert item.annotations[0].annotator == "ann"


def test_labels_without_a_header_are_read_by_given_names(read):
    (item,) = read("l.csv", "w1,r1,ask\n", INTENT, "labels", columns=("annotator", "record", "value"))
    assert (item.record.id, item.annotations[0].annotator) == ("r1", "w1")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("1,intent,ann,,", "the value is empty"),
        (",intent,ann,ask,", "the row names no record"),
        ("1,colour,ann,ask,", "the schema has no such field; found 'colour'"),
        ("1,intent,ann,ask,soon", "the seconds are no time; found 'soon'"),
        ("1,intent,ann,ask,-1", "the seconds are no time"),
        ("1,ents,ann,PER,", "not the spans of ents; found 'PER'"),
        ("1,,ann,ask,", "found intent, ents; expected exactly one"),
    ],
)
def test_labels_say_what_is_wrong_with_a_row(fails, row, message):
    text = fails("l.csv", f"record,field,annotator,value,seconds\n{row}\n", JOINT)
    assert text.startswith("l.csv:2")
    assert message in text


def test_labels_in_parquet_may_be_lists_and_numbers(tmp_path):
    spans = [[{"start": 0, "end": 3, "label": "PER"}], []]
    table = pa.table({"record": [1, 2], "annotator": [7.0, 8.0], "value": spans, "extra": [0, 0]})
    pq.write_table(table, tmp_path / "l.parquet")
    warnings = []
    items = list(read_items(tmp_path / "l.parquet", "auto", SPANS, ReadOptions(warn=warnings.append)))
    assert [(i.record.id, i.annotations[0].annotator, i.annotations[0].values["ents"]) for i in items] == [
        ("1", "7", spans[0]),
        ("2", "8", []),
    ]
    assert warnings == ["l.parquet: columns passed over: extra"]


def test_a_broken_parquet_file_is_one_clear_error(tmp_path):
    (tmp_path / "l.parquet").write_bytes(b"PAR1 and nothing more")
    with pytest.raises(InputError, match=r"l\.parquet: not a Parquet file"):
        read_items(tmp_path / "l.parquet", "auto", SPANS)


def test_labels_of_gold_are_written_under_a_name_and_need_ids(tmp_path):
    write_items(tmp_path / "l.csv", "labels", INTENT, [Example(Record("r", "t"), {"intent": "ask"})])
    assert (tmp_path / "l.csv").read_text().splitlines()[1] == "r,intent,gold,ask,,import,,submitted,"
    with pytest.raises(InputError, match="needs the id of each record"):
        write_items(tmp_path / "l.csv", "labels", INTENT, [Example(Record("", "t"), {"intent": "ask"})])


# --- plain text


def test_txt_keeps_space_around_a_line_and_passes_blank_ones_over(read):
    items = read("a.txt", "  a \n\n\u3000\nb\u2028c\n", INTENT, "txt")
    assert texts(items) == ["  a ", "b\u2028c"]
    assert [item.where for item in items] == ["a.txt:1", "a.txt:4"]


@pytest.mark.parametrize("text", ["", " ", "a\nb", "a\r"])
def test_txt_does_not_write_what_is_not_one_line(tmp_path, text):
    with pytest.raises(InputError, match="record r: plain text cannot hold this record"):
        write_items(tmp_path / "a.txt", "txt", INTENT, [Example(Record("r", text), {})])


# --- which format


@pytest.mark.parametrize(
    ("name", "content", "format"),
    [
        ("a.jsonl", "x", "jsonl"),
        ("a.json", '{"text": "x"}\n', "jsonl"),
        ("a.CSV", "text\nx\n", "csv"),
        ("a.csv", "record,annotator,value\n", "labels"),
        ("a.tsv", "text\tlabel\nx\tO\n", "tsv"),
        ("a.tsv", "Ann\tB-PER\nleft\tO\n\n", "conll"),
        ("a.bmes", "x", "conll"),
        ("train.txt", "-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\n", "conll"),
        ("a.txt", "hello there\nyou\n", "txt"),
        ("a.train", "Ann B-PER\n", "conll"),
        ("a.parquet", "PAR1", "labels"),
    ],
)
def test_the_format_is_told_by_name_and_first_lines(tmp_path, name, content, format):
    (tmp_path / name).write_text(content)
    assert detect_format(tmp_path / name) == format


def test_a_format_that_cannot_be_told_is_an_error_that_says_what_to_do(tmp_path):
    (tmp_path / "a.xyz").write_text("what is this\n")
    with pytest.raises(InputError, match=r"cannot tell the format; found 'what is this'.*Name it with --format"):
        detect_format(tmp_path / "a.xyz")
