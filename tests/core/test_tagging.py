"""Spans and tags: every scheme there and back, and the one rule by which tags are read, beside seqeval's."""

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from seqeval.metrics.sequence_labeling import get_entities

from goldleaf.core import (
    SCHEMES,
    InputError,
    Span,
    chunks_to_spans,
    chunks_to_tags,
    count_malformed,
    guess_scheme,
    join_tokens,
    spans_to_chunks,
    split_tag,
    tags_to_chunks,
)

# tokens:  0    1    2    3    4    5    6
CHUNKS = [(0, 3, "PER"), (3, 4, "PER"), (4, 6, "LOC")]
WRITTEN = {
    "IOB1": ["I-PER", "I-PER", "I-PER", "B-PER", "I-LOC", "I-LOC", "O"],
    "IOB2": ["B-PER", "I-PER", "I-PER", "B-PER", "B-LOC", "I-LOC", "O"],
    "BIOES": ["B-PER", "I-PER", "E-PER", "S-PER", "B-LOC", "E-LOC", "O"],
    "BILOU": ["B-PER", "I-PER", "L-PER", "U-PER", "B-LOC", "L-LOC", "O"],
    "BMES": ["B-PER", "M-PER", "E-PER", "S-PER", "B-LOC", "E-LOC", "O"],
}
LABELS = ["PER", "LOC", "B-PER", "a_b", "-", "O", "地点", "👩\u200d💻"]
PIECES = [
    "在",
    "中国",
    "a",
    "Zürich",
    "e\u0301",
    "👍🏽",
    "👩\u200d💻",
    "שלום",
    "مرحبا",
    "\u200b",
    "می\u200cخواهم",
    "한국",
    "नमस्ते",
    "1,5",
    "\u202e",
]

every_scheme = pytest.mark.parametrize("scheme", SCHEMES)


@st.composite
def chunked(draw, labels=LABELS):
    """A number of tokens, and chunks of them that do not overlap."""
    chunks, position = [], 0
    for gap, size in draw(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 4)), max_size=6)):
        chunks.append((position + gap, position + gap + size, draw(st.sampled_from(labels))))
        position += gap + size
    return chunks, position + draw(st.integers(0, 2))


@every_scheme
def test_chunks_are_written_as_the_scheme_says(scheme):
    assert chunks_to_tags(CHUNKS, 7, scheme) == WRITTEN[scheme]


@every_scheme
def test_tags_of_every_scheme_are_read_as_the_same_chunks(scheme):
    assert tags_to_chunks(WRITTEN[scheme]) == CHUNKS


@every_scheme
@settings(max_examples=60, deadline=None)
@given(case=chunked())
def test_chunks_survive_the_way_to_tags_and_back(scheme, case):
    chunks, length = case
    tags = chunks_to_tags(reversed(chunks), length, scheme)
    assert len(tags) == length
    assert tags_to_chunks(tags) == chunks
    assert count_malformed(tags, scheme) == 0


@every_scheme
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_spans_of_a_text_in_any_script_survive_the_way_to_tags_and_back(scheme, data):
    chunks, length = data.draw(chunked())
    tokens = data.draw(st.lists(st.sampled_from(PIECES), min_size=length, max_size=length))
    text, offsets = join_tokens(tokens, data.draw(st.sampled_from(["", " ", "\u3000", "\u200d"])))
    spans = chunks_to_spans(chunks, offsets)
    there, inexact = spans_to_chunks(spans, offsets)
    assert inexact == []
    assert chunks_to_spans(tags_to_chunks(chunks_to_tags(there, length, scheme)), offsets) == spans
    for (first, last, _), span in zip(chunks, spans, strict=True):
        assert text[span.start : span.end].startswith(tokens[first])
        assert text[span.start : span.end].endswith(tokens[last - 1])


tags_of_bioes = st.lists(
    st.one_of(
        st.just("O"), st.builds("{}-{}".format, st.sampled_from("BIES"), st.sampled_from(["PER", "LOC", "B-PER", "_"]))
    ),
    max_size=10,
)


@settings(max_examples=400, deadline=None)
@given(tags_of_bioes)
def test_any_sequence_well_formed_or_not_is_read_as_seqeval_reads_it(tags):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        theirs = [(start, last + 1, label) for label, start, last in get_entities(tags)]
    assert tags_to_chunks(tags) == theirs


@settings(max_examples=60, deadline=None)
@given(tags_of_bioes)
def test_the_prefixes_of_bilou_and_bmes_are_read_as_those_of_bioes(tags):
    expected = tags_to_chunks(tags)
    assert tags_to_chunks([tag[0].translate(str.maketrans("ES", "LU")) + tag[1:] for tag in tags]) == expected
    assert tags_to_chunks([tag[0].translate(str.maketrans("I", "M")) + tag[1:] for tag in tags]) == expected
    assert tags_to_chunks([tag[0].lower() + tag[1:] for tag in tags]) == expected
    assert tags_to_chunks([tag[0] + tag[1:].replace("-", "_", 1) for tag in tags]) == expected


@settings(max_examples=60, deadline=None)
@given(tags_of_bioes, st.sampled_from(SCHEMES))
def test_a_sequence_is_malformed_where_it_differs_from_the_one_written_for_its_chunks(tags, scheme):
    right = chunks_to_tags(tags_to_chunks(tags), len(tags), scheme)
    assert count_malformed(tags, scheme) == sum(a != b for a, b in zip(tags, right, strict=True))
    assert count_malformed(right, scheme) == 0


@pytest.mark.parametrize(
    ("tags", "chunks"),
    [
        (["I-PER", "I-PER"], [(0, 2, "PER")]),  # an I with nothing before it begins
        (["B-PER", "I-LOC"], [(0, 1, "PER"), (1, 2, "LOC")]),  # an I of another label begins
        (["B-PER", "O", "I-PER"], [(0, 1, "PER"), (2, 3, "PER")]),
        (["E-PER", "E-PER"], [(0, 1, "PER"), (1, 2, "PER")]),  # an E ends, so the next begins
        (["B-PER", "I-PER", "O"], [(0, 2, "PER")]),  # no E: nothing follows, so it ends
        (["S-PER", "I-PER", "E-PER"], [(0, 1, "PER"), (1, 3, "PER")]),
        ([], []),
        (["O", "o"], []),
    ],
)
def test_what_a_scheme_does_not_allow_is_read_by_the_rule_of_conlleval(tags, chunks):
    assert tags_to_chunks(tags) == chunks


@pytest.mark.parametrize(
    ("tags", "scheme", "count"),
    [
        (["I-PER", "I-PER", "O"], "IOB2", 1),  # B-PER I-PER O is right: the first differs
        (["I-PER", "I-PER", "O"], "IOB1", 0),
        (["B-PER", "I-PER", "O"], "IOB1", 1),
        (["B-PER", "I-LOC"], "BIOES", 2),  # S-PER S-LOC
        (["B-PER", "I-PER"], "BIOES", 1),  # B-PER E-PER
        (["B-a_b", "I-a_b"], "IOB2", 0),  # an underscore in the label is no fault
        (["b_a_b", "I_a_b", "o"], "IOB2", 0),  # nor is one in place of the dash, nor lower case
        (["O", "O"], "BMES", 0),
        ([], "IOB2", 0),
    ],
)
def test_malformed_tags_are_counted(tags, scheme, count):
    assert count_malformed(tags, scheme) == count


@pytest.mark.parametrize(
    ("tag", "parts"),
    [
        ("O", ("", "")),
        ("o", ("", "")),
        ("B-PER", ("B", "PER")),
        ("b-per", ("B", "per")),
        ("I_PER", ("I", "PER")),
        ("B-B-PER", ("B", "B-PER")),
        ("S-geo-loc_x", ("S", "geo-loc_x")),
        ("I--", ("I", "-")),
        ("U-O", ("U", "O")),
        ("E-地点", ("E", "地点")),
    ],
)
def test_the_label_is_all_that_follows_the_first_dash(tag, parts):
    assert split_tag(tag) == parts


@pytest.mark.parametrize(
    "tag", ["", "-", "B", "B-", "B_", "-PER", "PER", "X-PER", "PER-B", "BPER", "0", "O-PER", "_", "１-PER"]
)
def test_what_is_not_a_tag_is_refused_by_name(tag):
    with pytest.raises(InputError) as caught:
        tags_to_chunks(["O", tag])
    assert (
        str(caught.value)
        == f"not a tag; found {tag!r}; expected O, or one of B I E S L U M, a dash and a label (B-PER)"
    )


@pytest.mark.parametrize("chunks", [[(0, 2, "A"), (1, 3, "B")], [(0, 5, "A")], [(1, 1, "A")], [(-1, 1, "A")]])
def test_chunks_that_tags_cannot_say_are_refused(chunks):
    with pytest.raises(InputError, match="a chunk is out of place; found"):
        chunks_to_tags(chunks, 4)


@every_scheme
def test_a_scheme_is_guessed_from_the_prefixes_it_uses(scheme):
    assert guess_scheme(WRITTEN[scheme]) == scheme


def test_iob1_is_told_from_iob2_by_what_most_tags_speak_for():
    assert guess_scheme(["I-PER", "B-PER", "O", "I-LOC", "O"]) == "IOB1"  # B only where two of a label touch
    assert guess_scheme(["B-PER", "O", "B-LOC", "O", "I-PER"]) == "IOB2"  # one slip among three spans
    assert guess_scheme(["O", "O"]) == "IOB2"
    assert guess_scheme([]) == "IOB2"
    assert guess_scheme(["I-PER"]) == "IOB1"


@settings(max_examples=60, deadline=None)
@given(chunked())
def test_whatever_is_guessed_for_a_well_formed_iob_sequence_finds_no_fault_in_it(case):
    chunks, length = case
    for scheme in ("IOB1", "IOB2"):
        tags = chunks_to_tags(chunks, length, scheme)
        assert count_malformed(tags, guess_scheme(tags)) == 0


TOKENS = ((0, 3), (3, 4), (6, 8))  # 在中国 | 人 | two spaces | 你好


@pytest.mark.parametrize(
    ("spans", "chunks", "inexact"),
    [
        ([Span(0, 3, "A"), Span(6, 8, "B")], [(0, 1, "A"), (2, 3, "B")], []),
        ([Span(0, 8, "A")], [(0, 3, "A")], []),  # over the gap
        ([Span(1, 3, "A")], [(0, 1, "A")], [Span(1, 3, "A")]),  # 中国, widened to 在中国
        ([Span(3, 5, "A")], [(1, 2, "A")], [Span(3, 5, "A")]),  # ends in the gap
        ([Span(4, 6, "A")], [], [Span(4, 6, "A")]),  # touches no token
        ([Span(9, 10, "A")], [], [Span(9, 10, "A")]),  # after the last token
        ([Span(0, 1, "A"), Span(1, 3, "B")], [(0, 1, "A")], [Span(0, 1, "A"), Span(1, 3, "B")]),  # one token, two spans
        (
            [Span(0, 4, "A"), Span(3, 8, "B")],
            [(0, 2, "A"), (2, 3, "B")],
            [Span(3, 8, "B")],
        ),  # 人 is taken: cut, and said so
        ([], [], []),
    ],
)
def test_spans_whose_borders_are_not_borders_of_tokens_are_reported(spans, chunks, inexact):
    assert spans_to_chunks(spans, TOKENS) == (chunks, inexact)


def test_without_tokens_every_span_is_reported():
    assert spans_to_chunks([Span(0, 1, "A")], ()) == ([], [Span(0, 1, "A")])
