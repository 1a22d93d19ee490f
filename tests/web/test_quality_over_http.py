"""What the labels are worth, asked of a running app: counted aside, kept while nothing changes, and for reviewers alone."""

from __future__ import annotations

import json
import time

import pytest

from goldleaf.core import Field, Schema
from goldleaf.store import Doubt, find_by_ids, get_project
from goldleaf.workspace import aggregate, import_file, init_workspace, open_workspace, quality_overview
from goldleaf.workspace.doubting import send_to_review

AT = "/api/projects/default"
SCHEMA = Schema((Field("label", "choice", ("yes", "no")), Field("parts", "spans", ("x",))))


def said(n):
    """Ann and ben agree but for every fifth record; zoe always says yes, fast."""
    right = "yes" if n % 2 else "no"
    other = {"yes": "no", "no": "yes"}[right]
    return {"ann": (right, 9.0), "ben": (other if n % 5 == 0 else right, 11.0), "zoe": ("yes", 0.5)}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quality")
    lines = [
        {
            "id": f"r{n}",
            "text": f"text number {n}",
            "annotations": [
                {"annotator": who, "values": {"label": value}, "seconds": seconds}
                for who, (value, seconds) in said(n).items()
            ],
        }
        for n in range(30)
    ]
    (folder / "data.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    with init_workspace(folder / "ws", schema=SCHEMA) as ws:
        import_file(ws, folder / "data.jsonl")
    return folder / "ws"


@pytest.fixture(scope="module")
def counted(place, tmp_path_factory):
    from app_server import serving

    with serving(place) as app:
        yield app


def look(client):
    """The answer once nothing is being counted any more."""
    for _ in range(600):
        found = client.good("GET", f"{AT}/quality")
        if not found["computing"]:
            return found
        time.sleep(0.2)
    raise AssertionError("it never came")


def test_the_first_who_looks_is_told_to_wait_and_then_given_what_the_commands_say(counted, place):
    first = counted.admin.good("GET", f"{AT}/quality")
    assert (first["computing"], first["quality"], first["suspected"]) == (True, None, [])
    found = look(counted.admin)
    assert (found["fresh"], found["failed"]) == (True, None)
    with open_workspace(place) as ws:
        assert found["quality"] == json.loads(json.dumps(quality_overview(ws)))
    label = found["quality"]["fields"]["label"]
    agreement = label["agreement"]
    assert (agreement["compared"], agreement["answers"], agreement["annotators"]) == (30, 90, 3)
    raw = next(score for score in agreement["scores"] if score["name"] == "raw_agreement")
    # ann and ben agree in 24 of 30; zoe with ann in the 15 odd ones, with ben in 12 of these and 3 of the even ones: 24 + 15 + 15 of 90
    assert raw["value"] == pytest.approx(54 / 90, abs=1e-6)
    assert raw["low"] < raw["value"] < raw["high"]
    assert raw["meaning"] == "Two annotators say the same of a record in 60 of 100 cases, luck included."
    confused = next(row for row in agreement["confusion"] if sorted(row["labels"]) == ["no", "yes"])
    assert confused["pairs"] == 90 - 54
    assert confused["examples"][0]["text"].startswith("text number")
    assert found["quality"]["fields"]["parts"]["agreement"] is None
    people = {row["annotator"]: row for row in found["quality"]["annotators"]}
    assert found["quality"]["people"] == 3
    assert (people["zoe"]["median_seconds"], people["ann"]["answers"]) == (0.5, 30)
    assert any("a median of 0.5 s" in sentence for sentence in people["zoe"]["suspicion"])
    assert not any(name in sentence for sentence in people["zoe"]["suspicion"] for name in ("ann", "ben"))


def test_nothing_is_counted_again_while_the_labels_stay_and_all_is_once_they_change(counted, place):
    before = look(counted.admin)
    assert look(counted.admin)["made_at"] == before["made_at"]
    with open_workspace(place) as ws:
        aggregate(ws, method="majority")
    after = counted.admin.good("GET", f"{AT}/quality")
    assert after["fresh"] is False
    assert after["quality"] == before["quality"], "what was there is shown meanwhile"
    with open_workspace(place) as ws:
        gold = quality_overview(ws, resamples=0)["fields"]["label"]
    assert gold["methods"] == {"aggregated": 30}
    # all three agree in the 12 odd records that five does not divide: confidence 1, the last bin; two of three else: 0.67, the 14th
    assert gold["confidence"][-1] == 12
    assert gold["confidence"][13] == 18


def test_suspected_labels_lead_into_review_with_what_is_proposed(counted, place):
    with open_workspace(place) as ws, ws.store.write() as c:
        key, found = get_project(c, "default")
        pk = find_by_ids(c, key, ["r7"])["r7"].pk
        doubt = Doubt("r7", "label", "errors", 0.9, "no", ("model disagrees",))
        send_to_review(c, key, found, "errors", [(pk, doubt)])
    (row,) = counted.admin.good("GET", f"{AT}/quality")["suspected"]
    assert (row["record"], row["given"], row["proposed"], row["score"]) == ("r7", "yes", "no", 0.9)
    assert row["text_start"] == "text number 7"
    assert counted.admin.good("GET", f"{AT}/review")["items"][0]["record"] == "r7"


def test_those_who_annotate_are_not_told_of_each_other(counted):
    for role, status in (("viewer", 403), ("annotator", 403), ("reviewer", 200), ("owner", 200)):
        assert counted.person(f"a-{role}", default=role)("GET", f"{AT}/quality")[0] == status


def test_a_project_without_answers_has_nothing_to_compare(app):
    found = look(app.admin)["quality"]
    assert {name: field["agreement"] for name, field in found["fields"].items()} == {"intent": None, "slots": None}
    assert (found["annotators"], found["people"]) == ([], 0)
