"""Import and export over HTTP: streamed, and whole or not at all."""

from __future__ import annotations

import json
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from app_server import PASSWORD, serving
from workspaces import make_workspace

from goldleaf.web.reasons import REMARKS
from goldleaf.workspace import import_file, open_workspace

AT = "/api/projects/default"
LOGIN = {"name": "ada", "password": PASSWORD}


def send(client, name, lines, **query):
    body = b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)
    extra = "".join(f"&{key}={value}" for key, value in query.items())
    return client("POST", f"{AT}/import?name={name}{extra}", body)


def records(client):
    return client.good("GET", f"{AT}/records?limit=200")["total"]


def test_a_file_is_imported_and_its_records_are_handed_out(app):
    status, said = send(app.admin, "more.jsonl", [{"id": f"n{n}", "text": "hi"} for n in range(3)])
    assert (status, said["read"], said["added"], said["path"]) == (200, 3, 3, "more.jsonl")
    progress = app.admin.good("POST", f"{AT}/desk/next", {"count": 1})["progress"]
    assert progress["total"] == 15


def test_the_same_file_again_adds_nothing_and_an_edited_one_what_is_new(app):
    lines = [{"text": "one"}, {"text": "two"}]
    assert send(app.admin, "a.jsonl", lines)[1]["added"] == 2
    assert send(app.admin, "a.jsonl", lines)[1]["added"] == 0
    assert send(app.admin, "a.jsonl", [*lines, {"text": "three"}])[1]["added"] == 1


def test_a_file_with_one_bad_line_brings_nothing_and_the_error_names_file_and_line_alone(app):
    before = records(app.admin)
    lines = [{"text": "fine", "intent": "ask"}, {"text": "bad", "intent": "nonsense"}]
    status, said = send(app.admin, "bad.jsonl", lines)
    assert status == 422
    assert said["error"]["where"].startswith("bad.jsonl:2")
    assert str(app.folder) not in json.dumps(said)
    assert records(app.admin) == before


def test_an_upload_that_breaks_off_brings_nothing_and_leaves_nothing(app):
    before = records(app.admin)
    head = (
        f"POST {AT}/import?name=cut.jsonl HTTP/1.1\r\nhost: x\r\ncookie: {app.admin.cookie}\r\n"
        f"x-csrf-token: {app.admin.csrf}\r\ncontent-length: 1000\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", app.port)) as s:
        s.sendall(head.encode() + b'{"text": "half')
        time.sleep(0.3)
    time.sleep(0.5)
    assert records(app.admin) == before
    assert list((app.folder / "uploads").iterdir()) == []


def test_a_files_name_cannot_lead_out_of_the_folder(app):
    for name in ("../../evil.jsonl", "/etc/evil.jsonl", "..%5cevil.jsonl", ".hidden.jsonl", "a%00b.jsonl"):
        status, said = send(app.admin, name, [{"text": name}])
        assert status == 200
        assert "/" not in said["path"]
    assert not list(app.folder.parent.glob("evil*"))
    assert app.admin("POST", f"{AT}/import?name=..", b"x")[0] == 422
    assert app.admin("POST", f"{AT}/import?name=empty.jsonl", b"")[0] == 422


def test_suggestions_are_imported_shown_and_kept_beside_the_answer(app):
    app.admin.good("PATCH", f"{AT}/settings", {"control_share": 0})
    lines = [{"id": "r0", "text": "a table in Oslo for 0", "intent": "ask", "slots": [[11, 15, "city"]]}]
    status, said = send(app.admin, "s.jsonl", lines, **{"as": "suggestions", "annotator": "rules"})
    assert (status, said["suggestions_added"]) == (200, 2)
    item = app.admin.good("POST", f"{AT}/desk/next", {"count": 1})["items"][0]
    assert item["suggestions"]["intent"] == {"value": "ask", "score": None, "suggester": "rules"}
    app.admin.submit("r0", {"intent": "ask", "slots": []}, suggested={"intent": "ask", "slots": [[11, 15, "city"]]})
    known = app.admin.good("GET", f"{AT}/records/r0")["annotations"][0]
    assert known["suggested"] == {"intent": "ask", "slots": [[11, 15, "city"]]}
    assert known["suggester"] == "rules"
    effect = app.admin.good("GET", f"{AT}/dashboard")["suggestions"]
    assert (effect["shown"]["n"], effect["control"]["n"]) == (1, 0)


def test_predictions_are_imported_as_suggestions_with_their_scores(app):
    line = {"id": "r0", "text": "a table in Oslo for 0", "values": {"intent": "ask", "slots": [[11, 15, "city"]]}}
    line["scores"] = {"intent": {"ask": 0.75, "thank": 0.25}, "slots": [0.5]}
    status, said = send(app.admin, "p.jsonl", [line], **{"as": "suggestions", "annotator": "m"})
    assert (status, said["suggestions_added"], said["warnings"]) == (200, 2, [])
    item = next(r for r in app.admin.good("GET", f"{AT}/records?max_score=0.6")["items"])
    assert (item["record"], item["score"]) == ("r0", 0.5)
    assert [s["score"] for s in app.admin.good("GET", f"{AT}/records/r0")["suggestions"]] == [0.75, 0.5]


def test_the_columns_of_a_table_can_be_named_by_name_and_by_number(app):
    table = b"id;body;kind\nc1;where is it;ask\nc2;many thanks;thank\n"
    status, said = app.admin("POST", f"{AT}/import?name=t.csv", table)
    assert (status, said["error"]["reason"]) == (422, "no_text_column")
    columns = "text_column=body&label_column=3"
    said = app.admin.good("POST", f"{AT}/import?name=t.csv&{columns}", table)
    assert (said["added"], said["gold_added"]) == (2, 2)
    assert app.admin.good("GET", f"{AT}/records/c2")["gold"]["intent"]["value"] == "thank"
    status, said = app.admin("POST", f"{AT}/import?name=t.csv&text_column=nothing", table)
    assert (status, said["error"]["reason"]) == (422, "no_such_text_column")


def test_an_export_holds_what_was_annotated(app):
    app.admin.good("POST", f"{AT}/desk/next", {"count": 1})
    app.admin.submit("r0", {"intent": "ask", "slots": [[11, 15, "city"]]})
    _, headers, data = app.admin.raw("GET", f"{AT}/export?format=jsonl")
    first = json.loads(data.splitlines()[0])
    assert first["gold"] == {"intent": "ask", "slots": [[11, 15, "city"]]}
    assert "default-gold.jsonl" in headers["content-disposition"]
    _, _, table = app.admin.raw("GET", f"{AT}/export?format=labels&what=annotations")
    assert b"r0,intent,ada" in table
    assert list((app.folder / "uploads").iterdir()) == []


def test_an_export_that_the_schema_cannot_give_says_so_before_it_begins(app):
    status, said = app.admin("GET", f"{AT}/export?format=jsonl&field=nonsense")
    assert (status, said["error"]["code"]) == (422, "invalid")


def test_everything_that_is_known_of_a_record_is_told(app):
    ann, bob = app.person("ann", default="annotator"), app.person("bob", default="annotator")
    app.admin.good("PATCH", f"{AT}/settings", {"overlap": 2})
    for person in (ann, bob):
        person.good("POST", f"{AT}/desk/next", {"count": 1})
    said = ann.submit("r0", {"intent": "ask", "slots": []}, comment="sure")
    ann.submit("r0", {"intent": "thank", "slots": []}, supersedes=said["id"])
    decision = {"id": "0b8f6f0e-8f5c-4a51-9c0e-4a1d6b1f8f11", "values": {"intent": "ask", "slots": []}, "comment": "no"}
    app.admin.good("POST", f"{AT}/review/r0", decision)
    known = app.admin.good("GET", f"{AT}/records/r0")
    first, second = known["annotations"]
    assert (first["comment"], second["supersedes"]) == ("sure", first["annotation"])
    assert known["gold"]["intent"] == {"value": "ask", "method": "adjudicated", "confidence": 1.0}
    assert [(d["reviewer"], d["comment"]) for d in known["decisions"]] == [("ada", "no")]
    assert [lease["annotator"] for lease in known["leases"]] == ["bob"]


def test_a_label_that_is_added_can_be_used_at_once_and_answers_to_the_earlier_schema_still_come_in(app):
    ann = app.person("ann", default="annotator")
    ann.good("POST", f"{AT}/desk/next", {"count": 2})
    schema = app.admin.good("POST", f"{AT}/labels", {"field": "intent", "label": "praise"})["schema"]
    assert schema["version"] == 2
    assert ann.submit("r0", {"intent": "praise", "slots": []}, schema_version=2)["outcome"] == "counted"
    assert ann.submit("r1", {"intent": "ask", "slots": []}, schema_version=1)["outcome"] == "counted"


def test_while_a_file_is_imported_one_can_still_read_and_answers_come_in_after_it(app):
    ann = app.person("ann", default="annotator")
    ann.good("POST", f"{AT}/desk/next", {"count": 1})
    lines = [{"id": f"n{n}", "text": f"message number {n}"} for n in range(20_000)]
    with ThreadPoolExecutor(8) as pool:
        importing = pool.submit(send, app.admin, "large.jsonl", lines)
        while not any(name.name.startswith("large") for name in (app.folder / "uploads").glob("*")):
            time.sleep(0.01)
        waiting = [pool.submit(app.anyone().good, "POST", "/api/session", LOGIN) for _ in range(5)]
        answered = pool.submit(ann.submit, "r0", {"intent": "ask", "slots": []})
        assert ann.good("GET", f"{AT}/desk/history")["items"] == []
        assert app.admin.good("GET", AT)["counts"]["records"] == 12
        assert importing.result()[1]["added"] == 20_000
        assert answered.result()["outcome"] == "counted"
        assert [session.result()["name"] for session in waiting] == ["ada"] * 5


def test_what_was_annotated_elsewhere_is_up_for_review_when_the_app_starts(tmp_path):
    folder = make_workspace(tmp_path)
    table = tmp_path / "answers.csv"
    table.write_text("record,field,annotator,value\nr0,intent,ann,ask\nr0,intent,bob,thank\nr1,intent,ann,ask\n")
    with open_workspace(folder) as ws:
        import_file(ws, table, as_="annotations")
    with serving(folder) as app:
        app.admin.good("POST", f"{AT}/desk/renew", {"records": []})  # the writer is done with the queue
        items = app.admin.good("GET", f"{AT}/review")["items"]
    assert [(i["record"], i["disagreement"]) for i in items] == [("r0", 1.0), ("r1", 0.0)]


def test_what_an_import_remarks_has_a_name_and_its_numbers_and_every_name_is_translated(app):
    def remarks(name, data, **query):
        extra = "".join(f"&{key}={value}" for key, value in query.items())
        said = app.admin.good("POST", f"{AT}/import?name={name}{extra}", data.encode())["remarks"]
        return [{key: value for key, value in remark.items() if key != "message"} for remark in said]

    line = '{"id": "s0", "text": "Oslo"%s}'
    assert remarks("a.jsonl", line % ', "split": "train"') == []
    assert remarks("b.jsonl", line % ', "split": "test"') == [{"reason": "kept_splits", "n": "1"}]
    assert remarks("c.jsonl", line % ', "values": {"intent": "ask"}') == [{"reason": "predictions_left", "n": "1"}]
    assert remarks("d.jsonl", line % "", **{"as": "suggestions"}) == [{"reason": "nothing_suggested"}]
    table = "record,annotator,value,field,mood\nr0,ann,ask,intent,fine\n"
    passed = remarks("e.csv", table, format="labels", **{"as": "annotations"})
    assert passed == [{"reason": "columns_passed_over", "names": "mood"}]
    tags = "in O\nOslo I-city\n\nin B-city\nOslo O\n"
    [malformed] = remarks("f.conll", tags, format="conll", field="slots")
    assert malformed == {"reason": "malformed_tags", "n": "1", "sentences": "1", "scheme": malformed["scheme"]}
    for language in ("en", "zh"):
        words = (Path(__file__).parents[2] / "web-ui" / "src" / "i18n" / language / "data.ts").read_text("utf-8")
        assert [name for name in REMARKS if f"{name}:" not in words] == []
