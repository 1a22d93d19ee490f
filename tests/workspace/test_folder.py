"""Workspaces and projects: made whole or not at all, opened or refused with one message."""

import pytest

from goldleaf.core import Field, GoldleafError, InputError, Schema
from goldleaf.workspace import (
    choose_schema,
    create_project,
    init_workspace,
    open_project,
    open_workspace,
    projects,
    read_schema,
)


def test_a_workspace_is_a_folder_with_settings_and_a_database(tmp_path):
    init_workspace(tmp_path / "w", template="ner").close()
    assert sorted(p.name for p in (tmp_path / "w").iterdir()) == ["goldleaf.db", "goldleaf.toml"]
    with open_workspace(tmp_path / "w") as ws:
        assert projects(ws) == ["default"]
        assert open_project(ws).schema == Schema((Field("entities", "spans"),))


@pytest.mark.parametrize(
    ("template", "fields"),
    [
        ("ner", [("entities", "spans")]),
        ("classification", [("label", "choice")]),
        ("intent-slots", [("intent", "choice"), ("slots", "spans")]),
        ("tags", [("tags", "tags")]),
    ],
)
def test_each_template_has_its_open_fields(template, fields):
    assert choose_schema(template, None) == Schema(tuple(Field(name, kind) for name, kind in fields))


def test_labels_fill_the_first_field_or_the_one_they_name():
    first = choose_schema("intent-slots", None, ["book", "cancel"])
    assert [f.labels for f in first.fields] == [("book", "cancel"), ()]
    both = choose_schema("intent-slots", None, {"intent": ["book"], "slots": ["place"]})
    assert [f.labels for f in both.fields] == [("book",), ("place",)]
    with pytest.raises(InputError, match="no such field"):
        choose_schema("ner", None, {"slots": ["x"]})


def test_a_template_and_a_schema_are_not_both_or_neither():
    for template, schema in ((None, None), ("ner", Schema((Field("a", "choice"),)))):
        with pytest.raises(InputError, match="a template or a schema"):
            choose_schema(template, schema)
    with pytest.raises(InputError, match="unknown template"):
        choose_schema("nerd", None)


def test_a_schema_is_read_from_json_and_from_toml(tmp_path):
    expected = Schema((Field("topics", "choice", ("a", "b"), many=True), Field("names", "spans")))
    (tmp_path / "s.json").write_text(
        '{"fields": [{"name": "topics", "kind": "choice", "labels": ["a", "b"], "many": true},'
        ' {"name": "names", "kind": "spans"}]}'
    )
    (tmp_path / "s.toml").write_text(
        '[[fields]]\nname = "topics"\nkind = "choice"\nlabels = ["a", "b"]\nmany = true\n'
        '[[fields]]\nname = "names"\nkind = "spans"\n'
    )
    assert read_schema(tmp_path / "s.json") == read_schema(tmp_path / "s.toml") == expected


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("s.json", "{", "neither JSON nor TOML"),
        ("s.toml", "= 1", "neither JSON nor TOML"),
        ("s.json", '{"fields": [{"name": "a", "kind": "box"}]}', "unknown kind"),
        ("none.json", None, "cannot be read"),
    ],
)
def test_a_bad_schema_file_is_named(tmp_path, name, content, message):
    if content is not None:
        (tmp_path / name).write_text(content)
    with pytest.raises(InputError, match=rf"{name}.*{message}"):
        read_schema(tmp_path / name)


def test_a_workspace_is_not_made_twice_but_takes_another_project(tmp_path):
    with init_workspace(tmp_path, template="ner") as ws:
        with pytest.raises(InputError, match="a workspace already"):
            init_workspace(tmp_path, template="ner")
        create_project(ws, "intents", template="classification")
        assert projects(ws) == ["default", "intents"]
        with pytest.raises(InputError, match="has this project already"):
            create_project(ws, "intents", template="ner")
        with pytest.raises(InputError, match="cannot be the name"):
            create_project(ws, "../x", template="ner")


def test_a_folder_that_cannot_be_made_is_one_clear_error_and_leaves_nothing(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(GoldleafError, match="cannot be made here"):
        init_workspace(tmp_path / "file" / "w", template="ner")
    assert [p.name for p in tmp_path.iterdir()] == ["file"]


def test_a_database_without_settings_is_not_overwritten(tmp_path):
    (tmp_path / "goldleaf.db").write_text("mine")
    with pytest.raises(InputError, match=r"without its goldleaf\.toml"):
        init_workspace(tmp_path, template="ner")
    assert (tmp_path / "goldleaf.db").read_text() == "mine"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (None, "there is no workspace; found a folder without goldleaf.toml"),
        ("[workspace", "cannot be read"),
        ("[workspace]\nformat = 9\n", "another format"),
        ("[workspace]\nformat = 1\n", "there is no database"),
    ],
)
def test_what_is_no_workspace_is_one_clear_error(tmp_path, settings, message):
    if settings is not None:
        (tmp_path / "goldleaf.toml").write_text(settings)
    with pytest.raises(InputError, match=message):
        open_workspace(tmp_path)


def test_a_missing_workspace_says_how_to_make_one(tmp_path):
    with pytest.raises(InputError, match="goldleaf init"):
        open_workspace(tmp_path / "none")
