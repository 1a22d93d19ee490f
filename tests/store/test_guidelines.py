"""Guidelines in versions, notes of labels, and drafts."""

import pytest

from goldleaf.core import Field, InputError, Project, Record, Schema
from goldleaf.store import (
    LabelNote,
    StoredRecord,
    add_project,
    add_records,
    get_guidelines,
    get_notes,
    get_project,
    open_store,
    put_guidelines,
    put_notes,
    remember_source,
)
from goldleaf.store.drafts import Draft, drafts_of, drop_draft, put_draft
from goldleaf.store.guidelines import guidelines_history

SCHEMA = Schema((Field("intent", "choice", ("book",)),))


@pytest.fixture
def c(tmp_path):
    store = open_store(tmp_path / "g.db", create=True)
    with store.write() as c:
        add_project(c, Project("default", SCHEMA, "Be kind."))
        source, _ = remember_source(c, 1, "/a.txt", "d1", "txt")
        add_records(
            c, 1, [StoredRecord(n, Record(f"r{n}", f"text {n}"), f"h{n}", source, 1, "a.txt:1") for n in (1, 2)]
        )
        yield c
    store.close()


def test_the_first_version_is_what_the_project_was_made_with(c):
    assert (get_guidelines(c, 1).version, get_guidelines(c, 1).text) == (0, "Be kind.")


def test_a_change_is_a_version_with_its_author_and_the_earlier_ones_stay(c):
    new = put_guidelines(c, 1, "Be kind and brief.", "ada")
    assert (new.version, new.author) == (1, "ada")
    assert get_guidelines(c, 1) == new
    assert get_project(c, "default")[1].guidelines == "Be kind and brief."
    assert [g.version for g in guidelines_history(c, 1)] == [1, 0]
    assert put_guidelines(c, 1, "Third.", "bob").version == 2
    assert get_guidelines(c, 1, 1).text == "Be kind and brief."


def test_the_same_text_again_is_no_new_version(c):
    assert put_guidelines(c, 1, "Be kind.", "ada").version == 0


def test_a_version_that_is_not_there_is_said(c):
    with pytest.raises(InputError, match="no such version"):
        get_guidelines(c, 1, 7)


def test_notes_take_the_place_of_the_ones_before(c):
    put_notes(c, 1, {"intent": {"book": LabelNote("wants a table", ("for two",), "#aa3300")}})
    assert get_notes(c, 1) == {"intent": {"book": LabelNote("wants a table", ("for two",), "#aa3300")}}
    put_notes(c, 1, {})
    assert get_notes(c, 1) == {}


def test_a_draft_is_kept_as_it_is_for_one_person_and_record(c):
    put_draft(c, 1, "ann", Draft({"intent": ["half", 1, None]}), "2026-01-01T00:00:00Z")
    put_draft(c, 1, "ann", Draft({"intent": "boo"}, {"who": []}, 2.5), "2026-01-01T00:00:01Z")
    put_draft(c, 1, "bob", Draft({"intent": "x"}), "2026-01-01T00:00:01Z")
    assert drafts_of(c, [1, 2], "ann") == {1: Draft({"intent": "boo"}, {"who": []}, 2.5)}
    drop_draft(c, 1, "ann")
    assert drafts_of(c, [1, 2], "ann") == {}
    assert drafts_of(c, [1], "bob") == {1: Draft({"intent": "x"})}
