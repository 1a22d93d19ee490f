"""Schemas: what they accept, how they are written down, how they change."""

import pytest

from goldleaf.core import (
    Field,
    InputError,
    Schema,
    Span,
    add_labels,
    map_labels,
    remove_labels,
    rename_label,
    schema_from_dict,
    schema_to_dict,
)

MESSAGE = Schema(
    (Field("intent", "choice", ("ask", "buy")), Field("slots", "spans", ("item", "date"), overlap="nested"))
)


def test_a_schema_finds_its_fields_by_name_and_by_kind():
    assert MESSAGE["slots"].kind == "spans"
    assert MESSAGE.names == ("intent", "slots")
    assert "intent" in MESSAGE
    assert "mood" not in MESSAGE
    assert [field.name for field in MESSAGE.of_kind("spans", "tags")] == ["slots"]


def test_a_field_the_schema_does_not_have_is_named_beside_those_it_has():
    with pytest.raises(InputError, match="no such field; found 'mood'; expected intent or slots"):
        MESSAGE["mood"]


@pytest.mark.parametrize("name", ["", "two words", "-x", "text", "id", "gold", "scores", "meta.topic"])
def test_a_name_that_would_be_mistaken_for_something_else_cannot_be_a_field(name):
    with pytest.raises(InputError, match="this cannot be the name of a field"):
        Field(name, "choice")


@pytest.mark.parametrize("name", ["intent", "意图", "sub-type", "a.b", "v2", "_x", "metadata"])
def test_a_name_may_be_in_any_script(name):
    assert Field(name, "choice").name == name


@pytest.mark.parametrize("label", ["", " PER", "PER ", "a\nb", "a\tb", "\u200d", "a\u200b", "\u202eabc", "a\u00a0b"])
def test_a_label_is_printable_text_without_space_around_it(label):
    with pytest.raises(InputError, match=r"field f: this cannot be a label; found .*; expected printable text"):
        Field("f", "choice", (label,))


@pytest.mark.parametrize(
    "label", ["PER", "B-PER", "-", "O", "first name", "地点", "👩\u200d💻", "می\u200cخواهم", "e\u0301"]
)
def test_a_label_may_hold_dashes_spaces_and_the_joiners_that_scripts_and_emoji_need(label):
    assert Field("f", "spans", (label,)).labels == (label,)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "boxes"}, "field f: unknown kind of field; found 'boxes'; expected choice or spans or tags"),
        (
            {"kind": "spans", "overlap": "crossing"},
            "field f: unknown overlap; found 'crossing'; expected flat or nested or overlapping",
        ),
        ({"kind": "tags", "many": True}, "field f: only a choice can have many labels; found tags"),
        ({"kind": "choice", "overlap": "nested"}, "field f: only spans can overlap; found choice"),
        ({"kind": "choice", "labels": ("b", "a", "b")}, "field f: a label is listed twice; found b"),
    ],
)
def test_options_that_contradict_each_other_are_refused(options, message):
    with pytest.raises(InputError) as caught:
        Field("f", **options)
    assert str(caught.value) == message


def test_a_schema_needs_fields_and_each_a_name_of_its_own():
    with pytest.raises(InputError, match="a schema needs a field"):
        Schema(())
    with pytest.raises(InputError, match="two fields have one name; found f, f"):
        Schema((Field("f", "choice"), Field("f", "spans")))


def test_a_schema_is_written_down_without_defaults_and_read_again():
    data = schema_to_dict(MESSAGE)
    assert data == {
        "version": 1,
        "fields": [
            {"name": "intent", "kind": "choice", "labels": ["ask", "buy"]},
            {"name": "slots", "kind": "spans", "labels": ["item", "date"], "overlap": "nested"},
        ],
    }
    assert schema_from_dict(data) == MESSAGE
    many = Schema((Field("topics", "choice", ("a",), many=True),), 3)
    assert schema_from_dict(schema_to_dict(many)) == many


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "s.json: this is not a table of names and values; found []"),
        ({"fields": {}}, 's.json: a schema lists its fields; found {}; expected "fields": ['),
        ({"fields": [], "colour": 1}, "s.json: unknown key; found colour; expected fields, version"),
        ({"fields": []}, "s.json: a schema needs a field"),
        (
            {"fields": [{"name": "f", "kind": "choice"}], "version": True},
            "s.json: a version is a number from 1; found True",
        ),
        ({"fields": [{"name": "f", "kind": "choice"}], "version": 0}, "s.json: a version is a number from 1; found 0"),
        ({"fields": [{"name": "f"}]}, "s.json, field 1: a field has a name and a kind; found {'name': 'f'}"),
        (
            {"fields": [{"name": "f", "kind": "choice", "labels": "AB"}]},
            "s.json, field 1: labels are a list of strings; found 'AB'",
        ),
        (
            {"fields": [{"name": "f", "kind": "choice", "labels": [1]}]},
            "s.json, field 1: labels are a list of strings; found [1]",
        ),
        (
            {"fields": [{"name": "f", "kind": "choice", "many": "false"}]},
            "s.json, field 1: \"many\" is true or false; found 'false'",
        ),
        ({"fields": [{"name": "f", "kind": "choice", "lables": []}]}, "s.json, field 1: unknown key; found lables"),
        ({"fields": [{"name": "f", "kind": "chioce"}]}, "s.json, field f: unknown kind of field; found 'chioce'"),
    ],
)
def test_what_is_wrong_in_a_schema_file_is_said_with_its_place(data, message):
    with pytest.raises(InputError) as caught:
        schema_from_dict(data, where="s.json")
    assert str(caught.value).startswith(message)


def test_adding_labels_makes_the_next_version_and_keeps_the_order():
    grown = add_labels(MESSAGE, "intent", ["return", "buy", "return"])
    assert grown["intent"].labels == ("ask", "buy", "return")
    assert grown.version == 2
    assert grown["slots"] == MESSAGE["slots"]


def test_adding_labels_that_are_there_changes_nothing():
    assert add_labels(MESSAGE, "intent", ["buy"]) is MESSAGE


def test_renaming_keeps_the_place_of_a_label_and_maps_the_history():
    renamed, mapping = rename_label(MESSAGE, "intent", "ask", "question")
    assert renamed["intent"].labels == ("question", "buy")
    assert renamed.version == 2
    assert map_labels("ask", mapping) == "question"
    assert map_labels("buy", mapping) == "buy"


def test_renaming_a_label_to_another_that_exists_merges_the_two():
    merged, mapping = rename_label(MESSAGE, "slots", "date", "item")
    assert merged["slots"].labels == ("item",)
    assert map_labels([Span(0, 2, "date"), Span(0, 2, "item"), Span(3, 4, "date")], mapping) == [
        Span(0, 2, "item"),
        Span(3, 4, "item"),
    ]


def test_two_labels_can_change_places():
    swapped, mapping = remove_labels(MESSAGE, "intent", {"ask": "buy", "buy": "ask"})
    assert swapped["intent"].labels == ("buy", "ask")
    assert map_labels(["ask", "buy", "ask"], mapping) == ["buy", "ask", "buy"]


def test_a_removed_label_takes_its_spans_with_it_and_leaves_the_answer_nothing_here():
    smaller, mapping = remove_labels(MESSAGE, "slots", {"date": None})
    assert smaller["slots"].labels == ("item",)
    assert map_labels([Span(0, 2, "date"), Span(3, 4, "item")], mapping) == [Span(3, 4, "item")]
    assert map_labels([Span(0, 2, "date")], mapping) == []


def test_a_removed_label_leaves_nothing_to_say_of_a_choice_or_of_a_sequence_of_tags():
    assert map_labels("ask", {"ask": None}) is None
    assert map_labels(["NN", "VB"], {"VB": None}) is None  # one tag a token: none can be missing


def test_of_many_choices_the_others_stay():
    assert map_labels(["a", "b", "c"], {"b": None}, many=True) == ["a", "c"]
    assert map_labels(["a", "b", "c"], {"b": "a"}, many=True) == ["a", "c"]
    assert map_labels(["b"], {"b": None}, many=True) == []
    assert map_labels([], {"b": None}, many=True) == []


def test_spans_stay_sorted_when_their_labels_change():
    assert map_labels([Span(0, 2, "a"), Span(0, 2, "b")], {"a": "z"}) == [Span(0, 2, "b"), Span(0, 2, "z")]


def test_a_mapping_of_a_label_the_field_does_not_have_is_refused():
    with pytest.raises(InputError, match="field intent: no such label; found sell; expected ask, buy"):
        remove_labels(MESSAGE, "intent", {"sell": None})
