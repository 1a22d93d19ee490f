"""What a project's dashboard shows, counted in the database. Annotations that a later one supersedes do not count."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, text

from goldleaf.core import GOLD_METHODS

# the annotations of people that stand, and of them the answers
_STANDING = """
    FROM annotations a JOIN records r ON r.pk = a.record_pk
    WHERE r.project_id = :project AND a.origin = 'human' AND NOT EXISTS (SELECT 1 FROM annotations s WHERE s.supersedes = a.id)
"""
_ANSWERS = f"""
    SELECT a.id, a.record_pk, a.annotator, a."values", a.seconds, a.suggested, a.suggester, a."check",
        CASE WHEN a.control THEN 'control' WHEN a.suggested <> '{{}}' THEN 'shown' END AS way
    {_STANDING} AND a.status IN ('submitted', 'surplus')
"""
_BY_DAY = f"""
    SELECT substr(a.at, 1, 10) AS day, count(*) AS n, coalesce(sum(a.seconds), 0) AS seconds {_STANDING} GROUP BY day ORDER BY day
"""
_PEOPLE = f"""
    SELECT a.annotator, count(DISTINCT a.record_pk) AS records, coalesce(sum(a.seconds), 0) AS seconds,
        sum(a.status = 'skipped') AS skipped, sum(a.status = 'flagged') AS flagged
    {_STANDING} GROUP BY a.annotator ORDER BY a.annotator
"""
# of the rows in order of seconds, the middle one or the two beside the middle
_MEDIAN = f"""
    SELECT grp, avg(seconds) FROM (
        SELECT {{group}} AS grp, seconds, row_number() OVER w AS place, count(*) OVER (PARTITION BY {{group}}) AS n
        FROM ({_ANSWERS}) WHERE seconds IS NOT NULL AND {{group}} IS NOT NULL WINDOW w AS (PARTITION BY {{group}} ORDER BY seconds)
    ) WHERE place IN ((n + 1) / 2, (n + 2) / 2) GROUP BY grp
""".replace("'{}'", "'{{}}'")
# each answer to a field beside what another person, a reviewer or an import said of it, and whether the two are equal
_AGREEMENT = f"""
    WITH answers AS MATERIALIZED ({_ANSWERS}), said AS (
        SELECT a.id, a.record_pk, a.annotator, a.way, x.key AS field, x.value FROM answers a, json_each(a."values") x
    )
    SELECT {{group}} AS grp, avg(equal) FROM (
        SELECT said.*, said.value = y.value AS equal FROM said
            JOIN annotations b ON b.record_pk = said.record_pk AND b.annotator <> said.annotator, json_each(b."values") y
        WHERE y.key = said.field AND b.origin = 'human' AND b.status IN ('submitted', 'surplus')
            AND NOT EXISTS (SELECT 1 FROM annotations s WHERE s.supersedes = b.id)
        UNION ALL
        SELECT said.*, said.value = json_extract(g.value, '$') FROM said JOIN gold g ON g.record_pk = said.record_pk
        WHERE g.field = said.field AND g.method IN ('adjudicated', 'imported')
    ) WHERE {{group}} IS NOT NULL GROUP BY grp
""".replace("'{}'", "'{{}}'")
_WAYS = f"SELECT way, count(*) FROM ({_ANSWERS}) WHERE way IS NOT NULL GROUP BY way"
# how sure a suggestion was: of a choice its own probability, which is the highest; of spans and tags the lowest
_BY_CONFIDENCE = f"""
    SELECT min(CAST(score * 10 AS INTEGER), 9) AS bucket, count(*), sum(accepted) FROM (
        SELECT said.value = shown.value AS accepted, (
            SELECT CASE WHEN json_type(g.score) = 'object' THEN max(p.atom) ELSE min(p.atom) END
            FROM json_tree(g.score) p WHERE p.type IN ('real', 'integer')) AS score
        FROM ({_ANSWERS}) a, json_each(a.suggested) shown, json_each(a."values") said
        JOIN suggestions g ON g.record_pk = a.record_pk AND g.field = shown.key
            AND instr(', ' || coalesce(a.suggester, g.suggester) || ', ', ', ' || g.suggester || ', ')
        WHERE said.key = shown.key
    ) WHERE score IS NOT NULL GROUP BY bucket ORDER BY bucket
"""
_CHECKED = f"""
    FROM ({_ANSWERS}) a, json_each(a."values") said
    JOIN gold g ON g.record_pk = a.record_pk AND g.field = said.key AND g.method IN ('adjudicated', 'imported')
"""
_WRONG_ACCEPTED = f"""
    SELECT count(*), coalesce(sum(said.value = shown.value), 0) {_CHECKED} JOIN json_each(a.suggested) shown
    WHERE shown.key = said.key AND json_extract(g.value, '$') <> shown.value AND a."check"
"""
_CHECKS = f"""
    SELECT count(*), coalesce(sum(ok), 0) FROM (
        SELECT min(said.value = json_extract(g.value, '$')) AS ok {_CHECKED} WHERE a."check" GROUP BY a.id)
"""
# the labels in the gold that counts and, where there is none, in the answers
_LABELS = """
    SELECT field, label, sum(n) FROM (
        SELECT g.field AS field, t.atom AS label, count(*) AS n
        FROM gold g JOIN records r ON r.pk = g.record_pk, json_tree(g.value) t
        WHERE r.project_id = :project AND t.type = 'text' AND NOT EXISTS (
            SELECT 1 FROM gold h WHERE h.record_pk = g.record_pk AND h.field = g.field
            AND instr(:ranks, h.method) < instr(:ranks, g.method))
        GROUP BY 1, 2
        UNION ALL
        SELECT x.key, t.atom, count(*)
        FROM annotations a JOIN records r ON r.pk = a.record_pk, json_each(a."values") x,
            json_tree(a."values", '$.' || json_quote(x.key)) t
        WHERE r.project_id = :project AND a.status = 'submitted' AND t.type = 'text'
            AND NOT EXISTS (SELECT 1 FROM annotations s WHERE s.supersedes = a.id)
            AND NOT EXISTS (SELECT 1 FROM gold g WHERE g.record_pk = a.record_pk AND g.field = x.key)
        GROUP BY 1, 2
    ) GROUP BY 1, 2
"""


def by_day(c: Connection, project: int) -> list[dict[str, Any]]:
    """Annotations and active seconds of each day on which there were any, in UTC."""
    rows = c.execute(text(_BY_DAY), {"project": project})
    return [{"day": day, "annotations": n, "seconds": seconds} for day, n, seconds in rows]


def annotator_table(c: Connection, project: int) -> list[dict[str, Any]]:
    """Each person's records, seconds, skips and flags, and the share of their answers to a
    field that are equal to what another person, a reviewer or an import said of it."""
    about = {"project": project}
    medians = _pairs(c, _MEDIAN.format(group="annotator"), about)
    agreement = _pairs(c, _AGREEMENT.format(group="annotator"), about)
    return [
        {
            "name": row.annotator,
            "records": row.records,
            "seconds": row.seconds,
            "median_seconds": medians.get(row.annotator),
            "skipped": row.skipped,
            "flagged": row.flagged,
            "agreement": agreement.get(row.annotator),
        }
        for row in c.execute(text(_PEOPLE), about)
    ]


def label_counts(c: Connection, project: int) -> dict[str, dict[str, int]]:
    """How often each label was given, by field: in gold, else in the answers."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for field, label, n in c.execute(text(_LABELS), {"project": project, "ranks": " ".join(GOLD_METHODS)}):
        found[field][label] = n
    return dict(found)


def suggestion_effect(c: Connection, project: int) -> dict[str, Any]:
    """Answers with suggestions beside those of the control share; acceptance by the suggestion's confidence, and of wrong ones."""
    about = {"project": project}
    counts = _pairs(c, _WAYS, about)
    medians = _pairs(c, _MEDIAN.format(group="way"), about)
    agreement = _pairs(c, _AGREEMENT.format(group="way"), about)
    groups = {
        name: {"n": counts.get(name, 0), "median_seconds": medians.get(name), "agreement": agreement.get(name)}
        for name in ("shown", "control")
    }
    buckets = c.execute(text(_BY_CONFIDENCE), about)
    shown, accepted = c.execute(text(_WRONG_ACCEPTED), about).one()
    return {
        **groups,
        "by_confidence": [
            {"low": n / 10, "high": (n + 1) / 10, "n": count, "accepted": yes}
            for n, count, yes in buckets
            if n is not None
        ],
        "wrong_accepted": {"shown": shown, "accepted": accepted},
    }


def check_counts(c: Connection, project: int) -> dict[str, int]:
    """Check questions that were answered, and rightly."""
    asked, right = c.execute(text(_CHECKS), {"project": project}).one()
    return {"asked": asked, "right": right}


def _pairs(c: Connection, query: str, about: dict[str, Any]) -> dict[str, Any]:
    return {row[0]: row[1] for row in c.execute(text(query), about)}
