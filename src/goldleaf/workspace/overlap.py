"""What records share across splits: equal texts, near-duplicates, groups."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Sequence
from itertools import combinations
from typing import Any

from goldleaf.core import SPLITS, Record

_SHOWN = 5


def leakage(records: Sequence[Record], clusters: Sequence[int]) -> dict[str, Any]:
    """How many dev and test records have an equal text, a near-duplicate or their group in a split before theirs (train, dev, test).

    Per pair of splits the number of the later split's records concerned, and the first few of them with their twin. `clusters` names,
    for each record, the smallest index among its near-duplicates.
    """
    ties: dict[str, list[Hashable]] = {
        "duplicates": [record.text for record in records],
        "near_duplicates": list(clusters),
        "groups": [record.group for record in records],
    }
    pairs: dict[str, dict[str, Any]] = {}
    leaking: set[str] = set()
    for kind, keys in ties.items():
        for first, second, concerned in _shared(records, keys):
            entry = pairs.setdefault(f"{first}/{second}", dict.fromkeys(ties, 0) | {"examples": []})
            entry[kind] = len(concerned)
            shown = [[twin, id] for twin, id in concerned if [twin, id] not in entry["examples"]]
            if kind != "groups":
                entry["examples"] = (entry["examples"] + shown)[:_SHOWN]
                leaking.update(id for _, id in concerned)
    return {"records": len(leaking), "pairs": pairs}


def count_repeats(keys: Iterable[Hashable]) -> int:
    """How many items repeat an earlier one.

    >>> count_repeats(["a", "b", "a", "a"])
    2
    """
    counts = Counter(keys)
    return sum(counts.values()) - len(counts)


def describe_leakage(found: dict[str, Any]) -> list[str]:
    """A sentence for each pair of splits that share something."""
    sentences: list[str] = []
    for pair, entry in found["pairs"].items():
        first, second = pair.split("/")
        parts = [
            f"{entry[kind]} {words}"
            for kind, words in (
                ("duplicates", "with an equal text"),
                ("near_duplicates", "with an equal or nearly equal text"),
                ("groups", "with their group"),
            )
            if entry[kind]
        ]
        sentences.append(f"{second} has records that are in {first} too: {', '.join(parts)}")
    return sentences


def _shared(records: Sequence[Record], keys: Sequence[Hashable]) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """For each pair of splits with a key in common: the later split's records that have it, after a record of the earlier one."""
    holders: dict[str, dict[Hashable, list[str]]] = {split: defaultdict(list) for split in SPLITS}
    for record, key in zip(records, keys, strict=True):
        if record.split is not None and key is not None:
            holders[record.split][key].append(record.id)
    found: list[tuple[str, str, list[tuple[str, str]]]] = []
    for first, second in combinations(SPLITS, 2):
        concerned = [
            (holders[first][key][0], id) for key, ids in holders[second].items() if key in holders[first] for id in ids
        ]
        if concerned:
            found.append((first, second, concerned))
    return found
