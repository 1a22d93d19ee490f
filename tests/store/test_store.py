"""The store: what is committed stays, what is not was never there, and each noun's queries."""

import sqlite3

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.exc import IntegrityError

from goldleaf.core import Annotation, Field, Gold, GoldleafError, InputError, Project, Record, Schema, Span, add_labels
from goldleaf.store import (
    StoredRecord,
    Suggestion,
    active,
    add_annotations,
    add_project,
    add_records,
    add_schema,
    annotations_of,
    count_annotations,
    count_suggestions,
    db,
    find_by_hashes,
    find_by_ids,
    get_project,
    get_schema,
    given_splits,
    gold_of,
    list_projects,
    next_annotation_id,
    next_key,
    open_store,
    pages,
    put_gold,
    put_suggestions,
    remember_source,
    set_splits,
    suggestions_of,
)
from goldleaf.store.tables import metadata

SCHEMA = Schema((Field("slots", "spans", ("place",)), Field("intent", "choice", ("book",))))


@pytest.fixture
def store(tmp_path):
    store = open_store(tmp_path / "g.db", create=True)
    yield store
    store.close()


@pytest.fixture
def project(store):
    with store.write() as c:
        key = add_project(c, Project("default", SCHEMA))
        source, _ = remember_source(c, key, "/a.txt", "d1", "txt")
        add_records(c, key, [record(n, source) for n in (1, 2, 3)])
    return key


def record(pk, source=1, **more):
    content = Record(f"r{pk}", f"text {pk}", ((0, 4), (5, 6)), {"n": pk}, "g")
    return StoredRecord(pk, content, f"hash{pk % 2}", source, pk, f"a.txt:{pk}", **more)


def test_the_migrations_lead_to_the_tables_as_they_stand(store):
    with store.read() as c:
        context = MigrationContext.configure(c, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_the_store_expects_the_last_migration():
    config = Config()
    config.set_main_option("script_location", str(db._MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_current_head() == db.HEAD


def test_sqlite_writes_ahead_keeps_keys_and_syncs_fully(store):
    with store.read() as c:
        found = [
            c.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("journal_mode", "foreign_keys", "synchronous")
        ]
    assert found == ["wal", 1, 2]


def test_a_failed_write_leaves_nothing(store):
    def fail(c):
        add_project(c, Project("a", SCHEMA))
        raise RuntimeError

    with pytest.raises(RuntimeError), store.write() as c:
        fail(c)
    with store.read() as c:
        assert list_projects(c) == []


def test_a_reader_sees_the_state_before_a_write_that_is_not_done(store, project):
    with store.read() as reader, store.write() as c:
        assert list_projects(reader) == ["default"]
        add_project(c, Project("b", SCHEMA))
        assert list_projects(reader) == ["default"]


def test_a_missing_database_is_not_made_by_opening(tmp_path):
    with pytest.raises(InputError, match="there is no database"):
        open_store(tmp_path / "none.db")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("content", [b"this is no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 5000])
def test_what_is_no_database_is_one_clear_error(tmp_path, content):
    (tmp_path / "g.db").write_bytes(content)
    with pytest.raises(GoldleafError, match=r"g\.db.*(damaged|not a Goldleaf database)"):
        open_store(tmp_path / "g.db")


def test_damage_inside_is_one_clear_error(store, project, tmp_path):
    with store.write() as c:
        add_records(c, project, [record(n) for n in range(10, 400)])
    store.close()
    path = tmp_path / "g.db"
    data = bytearray(path.read_bytes())
    data[4096 * 3 :] = b"\xa5" * (len(data) - 4096 * 3)
    path.write_bytes(data)
    with pytest.raises(GoldleafError, match="damaged"), open_store(path).read() as c:
        list(pages(c, project))


def test_a_database_of_a_later_version_is_refused(store, tmp_path):
    store.close()
    with sqlite3.connect(tmp_path / "g.db") as c:
        c.execute("UPDATE alembic_version SET version_num = '9999'")
    c.close()
    with pytest.raises(GoldleafError, match=r"later version of Goldleaf.*9999"):
        open_store(tmp_path / "g.db")


def test_a_full_disk_is_one_clear_error_and_leaves_nothing(store, project):
    with store.read() as c:  # the engine keeps this connection, and with it the limit
        c.exec_driver_sql("PRAGMA max_page_count=60")
    with pytest.raises(GoldleafError, match="the disk is full"), store.write() as c:
        add_records(c, project, [record(n) for n in range(10, 5000)])
    with store.read() as c:
        assert sum(map(len, pages(c, project))) == 3


def test_a_second_writer_waits_and_then_says_so(store, project, tmp_path, monkeypatch):
    monkeypatch.setattr(db, "BUSY_SECONDS", 0)
    other = open_store(tmp_path / "g.db")
    with store.write(), pytest.raises(GoldleafError, match="another process is writing"), other.write():
        pass
    other.close()


def test_postgresql_is_refused_for_now():
    with pytest.raises(InputError, match="not supported yet; found postgresql"):
        open_store("postgresql://localhost/x")


def test_a_project_keeps_the_history_of_its_schema(store, project):
    grown = add_labels(SCHEMA, "intent", ["cancel"])
    with store.write() as c:
        add_schema(c, project, grown)
    with store.read() as c:
        assert get_project(c, "default") == (project, Project("default", grown))
        assert get_schema(c, project, 1) == SCHEMA
        with pytest.raises(InputError, match="no such version"):
            get_schema(c, project, 9)


def test_an_unknown_project_is_named_beside_the_known(store, project):
    with store.read() as c, pytest.raises(InputError, match="found 'x'; expected default"):
        get_project(c, "x")
    with store.write() as c, pytest.raises(InputError, match="already"):
        add_project(c, Project("default", SCHEMA))


def test_a_source_is_known_by_its_path_or_its_content(store, project):
    with store.write() as c:
        assert remember_source(c, project, "/moved.txt", "d1", "txt") == (1, True)
        assert remember_source(c, project, "/a.txt", "d2", "txt") == (1, True), "edited"
        assert remember_source(c, project, "/b.txt", "d3", "txt") == (2, False)
        assert remember_source(c, project, "/b.txt", "d2", "txt") == (1, True), "b overwritten with a: content decides"
        other = add_project(c, Project("other", SCHEMA))
        assert remember_source(c, other, "/a.txt", "d1", "txt") == (3, False), "each project has its own"


def test_records_are_found_by_id_and_content_and_paged_in_order(store, project):
    with store.read() as c:
        assert find_by_ids(c, project, ["r2", "r9"]) == {"r2": record(2)}
        assert [s.pk for s in find_by_hashes(c, project, ["hash1"])] == [1, 3]
        assert [[s.pk for s in page] for page in pages(c, project, size=2)] == [[1, 2], [3]]
        assert next_key(c) == 4


def test_an_id_is_a_projects_only_once(store, project):
    with pytest.raises(IntegrityError), store.write() as c:
        add_records(c, project, [record(1)])


def test_splits_are_set_and_filtered(store, project):
    with store.write() as c:
        set_splits(c, {1: ("test", "given"), 2: ("train", "drawn")})
    with store.read() as c:
        assert given_splits(c, project) == {"test"}
        assert [s.record.id for page in pages(c, project, split="train") for s in page] == ["r2"]
        assert find_by_ids(c, project, ["r2"])["r2"].split_origin == "drawn"


def test_annotations_come_back_with_their_history(store, project):
    first = Annotation("r1", "ann", {"slots": [Span(0, 4, "place")]}, "2026-01-01T00:00:00Z", 2.5, id=1)
    second = Annotation("r1", "ann", {"slots": []}, "2026-01-02T00:00:00Z", id=2, supersedes=1, schema_version=2)
    with store.write() as c:
        assert next_annotation_id(c) == 1
        add_annotations(c, [(1, first), (1, second)])
    with store.read() as c:
        assert annotations_of(c, {1: "r1", 2: "r2"}) == {1: [first, second]}
        assert active([first, second]) == [second]
        assert count_annotations(c, project) == 2


def test_an_annotation_of_no_record_is_refused(store, project):
    with pytest.raises(IntegrityError), store.write() as c:
        add_annotations(c, [(99, Annotation("r99", "ann", {}, id=1))])


def test_gold_of_one_method_is_replaced_and_of_another_stands_beside_it(store, project):
    old = Gold("r1", "slots", [Span(0, 4, "place")], "imported", 1.0, (1,))
    new = Gold("r1", "slots", [], "imported", 1.0, (2,))
    voted = Gold("r1", "slots", [Span(5, 6, "place")], "aggregated", 0.7, (3, 4))
    with store.write() as c:
        put_gold(c, [(1, old), (1, voted)])
        put_gold(c, [(1, new)])
    with store.read() as c:
        assert sorted(gold_of(c, {1: "r1"})[1], key=lambda g: g.method) == [voted, new]


def test_a_suggesters_latest_word_stands(store, project):
    with store.write() as c:
        put_suggestions(c, [(1, Suggestion("r1", "intent", "book", "m", "model", {"book": 0.4}))])
        put_suggestions(c, [(1, Suggestion("r1", "intent", "book", "m", "model", {"book": 0.9}))])
    with store.read() as c:
        assert [s.score for s in suggestions_of(c, {1: "r1"})[1]] == [{"book": 0.9}]
        assert count_suggestions(c, project) == 1
