"""What the tests of the annotation screen are about: a few fields and a few records."""

from __future__ import annotations

ENTITIES = {"name": "entities", "kind": "spans", "labels": ["PER", "ORG", "LOC"]}
NESTED = ENTITIES | {"overlap": "nested"}
INTENT = {"name": "intent", "kind": "choice", "labels": ["ask", "thank", "complain"]}
TOPICS = {"name": "topics", "kind": "choice", "labels": ["food", "price", "staff"], "many": True}
TAGS = {"name": "pos", "kind": "tags", "labels": ["NOUN", "VERB", "DET"]}

NEWS = [
    {"id": "n1", "text": "Grace Hopper joined the Navy in Arlington."},
    {"id": "n2", "text": "The Bank of China opened in Lisbon."},
    {"id": "n3", "text": "Nobody was there."},
    {"id": "n4", "text": "Ada Lovelace wrote to Charles Babbage."},
    {"id": "n5", "text": "Oslo is cold."},
]

SUGGESTED = [
    {"id": "n1", "text": NEWS[0]["text"], "entities": [[0, 12, "PER"], [24, 28, "LOC"]]},
    {"id": "n4", "text": NEWS[3]["text"], "entities": [[0, 12, "PER"], [22, 37, "PER"]]},
]


def values(screen, record):
    """What the latest answer to a record says."""
    return screen.answers(record)[-1]["values"]
