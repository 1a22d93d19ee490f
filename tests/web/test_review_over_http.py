"""What reviewers are shown and decide, over HTTP."""

from __future__ import annotations

AT = "/api/projects/default"


def answered(app, name, record, intent, **more):
    """A new annotator's answer to a record that is given first."""
    client = app.person(name, default="annotator")
    client.good("POST", f"{AT}/desk/next", {"count": 1})
    return client.submit(record, {"intent": intent, "slots": []}, **more)


def test_a_flagged_answer_is_compared_with_the_others(app):
    app.admin.good("PATCH", f"{AT}/settings", {"overlap": 2})
    answered(app, "ann", "r0", "thank", status="flagged", comment="is it?")
    answered(app, "bob", "r0", "ask")
    [row] = app.admin.good("GET", f"{AT}/review")["items"]
    assert (row["answers"], row["flagged"], row["fields_in_dispute"], row["disagreement"]) == (2, True, ["intent"], 1.0)
    answers = app.admin.good("GET", f"{AT}/review/r0")["answers"]
    assert [(a["status"], a["values"]["intent"]) for a in answers] == [("flagged", "thank"), ("submitted", "ask")]


def test_a_record_with_a_flagged_answer_alone_is_up_for_review_and_is_decided(app):
    annotation = answered(app, "ann", "r0", "thank", status="flagged", comment="is it?")["annotation"]
    [row] = app.admin.good("GET", f"{AT}/review")["items"]
    assert (row["answers"], row["flagged"], row["gold"]) == (1, True, None)
    decision = {"id": "0b8f6f0e-8f5c-4a51-9c0e-4a1d6b1f8f11", "values": {"intent": "thank", "slots": []}}
    app.admin.good("POST", f"{AT}/review/r0", decision)
    [row] = app.admin.good("GET", f"{AT}/review")["items"]
    assert row["gold"] == "adjudicated"
    assert annotation


def test_a_surplus_answer_is_shown_in_review_and_counted_apart(app):
    app.admin.good("PATCH", f"{AT}/settings", {"lease_seconds": 10})
    ann = app.person("ann", default="annotator")
    ann.good("POST", f"{AT}/desk/next", {"count": 1})
    ann.good("POST", f"{AT}/desk/release", {"records": ["r0"]})
    answered(app, "bob", "r0", "ask")
    assert ann.submit("r0", {"intent": "thank", "slots": []})["outcome"] == "surplus"
    [row] = app.admin.good("GET", f"{AT}/review")["items"]
    assert (row["answers"], row["surplus"], row["fields_in_dispute"], row["disagreement"]) == (1, 1, [], 0.0)
    answers = app.admin.good("GET", f"{AT}/review/r0")["answers"]
    assert [(a["annotator"], a["status"], a["counted"]) for a in answers] == [
        ("bob", "submitted", True),
        ("ann", "surplus", False),
    ]
    gold = app.admin.good("GET", f"{AT}/records/r0")["gold"]["intent"]
    assert (gold["value"], gold["method"]) == ("ask", "single")
