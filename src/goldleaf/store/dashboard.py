"""What a project's dashboard shows, counted in the database. Annotations that a later one supersedes do not count."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, text

from goldleaf.core import GOLD_METHODS

_STANDING = """
    FROM annotations a JOIN records r ON r.pk = a.record_pk
    WHERE r.project_id = :project AND a.origin = 'human' AND NOT EXISTS (SELECT 1 FROM annotations s WHERE s.supersedes = a.id)
"""
_BY_DAY = (
    f"SELECT substr(a.at, 1, 10) AS day, count(*) AS n, coalesce(sum(a.seconds), 0) AS seconds {_STANDING} GROUP BY day"
)
_PEOPLE = f"""
    SELECT a.annotator, count(DISTINCT a.record_pk) AS records, coalesce(sum(a.seconds), 0) AS seconds,
        sum(a.status = 'skipped') AS skipped, sum(a.status = 'flagged') AS flagged {_STANDING} GROUP BY a.annotator ORDER BY a.annotator
"""
# of the rows in order of seconds, the middle one or the two beside the middle
_MEDIAN = """
    SELECT grp, avg(seconds) FROM (
        SELECT grp, seconds, row_number() OVER w AS place, count(*) OVER (PARTITION BY grp) AS n
        FROM ({rows}) WHERE seconds IS NOT NULL WINDOW w AS (PARTITION BY grp ORDER BY seconds)
    ) WHERE place IN ((n + 1) / 2, (n + 2) / 2) GROUP BY grp
"""
_ANSWERS = f"SELECT a.id, a.record_pk, a.annotator, a.\"values\", a.seconds, a.suggested, a.suggester, a.control, a.\"check\" {_STANDING} AND a.status IN ('submitted', 'surplus')"
# every answer to a field beside another person's, and whether they are equal
_AGREEMENT = f"""
    WITH answers AS MATERIALIZED ({_ANSWERS})
    SELECT {{group}} AS grp, avg(x.value = y.value) FROM answers a JOIN annotations b
        ON b.record_pk = a.record_pk AND b.annotator <> a.annotator AND b.origin = 'human' AND b.status IN ('submitted', 'surplus')
        AND NOT EXISTS (SELECT 1 FROM annotations s WHERE s.supersedes = b.id),
        json_each(a."values") x, json_each(b."values") y
    WHERE x.key = y.key AND {{group}} IS NOT NULL GROUP BY grp
"""
_SHOWN = "CASE WHEN a.control THEN 'control' WHEN a.suggested <> '{}' THEN 'shown' END"
_SHOWN_COUNT = f"SELECT {_SHOWN} AS grp, count(*) FROM ({_ANSWERS}) a WHERE grp IS NOT NULL GROUP BY grp"
_BY_CONFIDENCE = f"""
    SELECT min(CAST(score * 10 AS INTEGER), 9) AS bucket, count(*), sum(accepted) FROM (
        SELECT said.value = shown.value AS accepted, (
            SELECT CASE WHEN json_type(g.score) = 'object' THEN max(p.atom) ELSE min(p.atom) END
            FROM json_tree(g.score) p WHERE p.type IN ('real', 'integer')) AS score
        FROM ({_ANSWERS}) a, json_each(a.suggested) shown, json_each(a."values") said
        JOIN suggestions g ON g.record_pk = a.record_pk AND g.field = shown.key AND g.suggester = coalesce(a.suggester, g.suggester)
        WHERE said.key = shown.key
    ) WHERE score IS NOT NULL GROUP BY bucket ORDER BY bucket
"""
_GOLD = "JOIN gold g ON g.record_pk = a.record_pk AND g.method IN ('adjudicated', 'imported')"
_WRONG_ACCEPTED = f"""
    SELECT count(*), coalesce(sum(said.value = shown.value), 0) FROM ({_ANSWERS}) a, json_each(a.suggested) shown, json_each(a."values") said
    {_GOLD} AND g.field = shown.key WHERE said.key = shown.key AND json_extract(g.value, '$') <> shown.value AND a."check"
"""
_CHECKS = f"""
    SELECT count(*), coalesce(sum(ok), 0) FROM (
        SELECT min(said.value = json_extract(g.value, '$')) AS ok FROM ({_ANSWERS}) a, json_each(a."values") said
        {_GOLD} AND g.field = said.key WHERE a."check" GROUP BY a.id)
"""
_LABELS = """
    SELECT field, label, sum(n) FROM (
        SELECT g.field AS field, t.atom AS label, count(*) AS n FROM gold g JOIN records r ON r.pk = g.record_pk, json_tree(g.value) t
        WHERE r.project_id = :project AND t.type = 'text'
        AND NOT EXISTS (SELECT 1 FROM gold h WHERE h.record_pk = g.record_pk AND h.field = g.field AND instr(:ranks, h.method) < instr(:ranks, g.method))
        GROUP BY 1, 2
        UNION ALL
        SELECT x.key, t.atom, count(*) FROM annotations a JOIN records r ON r.pk = a.record_pk, json_each(a."values") x,
            json_tree(a."values", '$.' || json_quote(x.key)) t
        WHERE r.project_id = :project AND a.status = 'submitted' AND t.type = 'text'
        AND NOT EXISTS (SELECT 1 FROM annotations s WHERE s.supersedes = a.id)
        AND NOT EXISTS (SELECT 1 FROM gold g WHERE g.record_pk = a.record_pk AND g.field = x.key)
        GROUP BY 1, 2
    ) GROUP BY 1, 2
"""


def by_day(c: Connection, project: int) -> list[dict[str, Any]]:
    """Annotations and active seconds of each day on which there were any, in UTC."""
    rows = c.execute(text(f"{_BY_DAY} ORDER BY day"), {"project": project})
    return [{"day": day, "annotations": n, "seconds": seconds} for day, n, seconds in rows]


def annotator_table(c: Connection, project: int) -> list[dict[str, Any]]:
    """Each person's records, seconds, skips and flags, and in how many answers they agree with another's answer to the same."""
    about = {"project": project}
    medians = _pairs(c, _MEDIAN.format(rows=f"SELECT a.annotator AS grp, a.seconds {_STANDING}"), about)
    agreement = _pairs(c, _AGREEMENT.format(group="a.annotator"), about)
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
    counts = _pairs(c, _SHOWN_COUNT, about)
    medians = _pairs(
        c, _MEDIAN.format(rows=f"SELECT {_SHOWN} AS grp, a.seconds FROM ({_ANSWERS}) a WHERE grp IS NOT NULL"), about
    )
    agreement = _pairs(c, _AGREEMENT.format(group=_SHOWN), about)
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
