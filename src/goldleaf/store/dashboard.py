"""What a project's dashboard shows, counted in the database. Annotations that a later one supersedes do not count, but their time does."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

from sqlalchemy import Connection, text

from goldleaf.core import GOLD_METHODS

# the annotations of people, read once, for all else is counted in them: `seconds` is what each took, `spent` what the person spent on
# the record in all, corrections and what they correct
_GATHER = """
    CREATE TEMP TABLE said AS
    SELECT a.id, a.record_pk, a.annotator, a."values", a.seconds, a.suggested, a.suggester, a."check", a.status,
        substr(a.at, 1, 10) AS day,
        sum(a.seconds) OVER (PARTITION BY a.record_pk, a.annotator) AS spent,
        CASE WHEN a.control THEN 'control' WHEN a.suggested <> '{}' THEN 'shown' END AS way,
        NOT EXISTS (SELECT 1 FROM annotations s WHERE s.supersedes = a.id) AS stands
    FROM annotations a JOIN records r ON r.pk = a.record_pk
    WHERE r.project_id = :project AND a.origin = 'human'
"""
_STANDING = "CREATE TEMP VIEW standing AS SELECT * FROM said WHERE stands"
_ANSWERED = "status IN ('submitted', 'surplus')"
_BY_DAY = "SELECT day, sum(stands) AS n, coalesce(sum(seconds), 0) AS seconds FROM said GROUP BY day ORDER BY day"
_PEOPLE = """
    SELECT annotator, count(DISTINCT record_pk) AS records, coalesce(sum(seconds), 0) AS seconds,
        sum(stands AND status = 'skipped') AS skipped, sum(stands AND status = 'flagged') AS flagged,
        sum(stands AND status = 'surplus') AS surplus
    FROM said GROUP BY annotator ORDER BY annotator
"""
# of the rows in order of seconds, the middle one or the two beside the middle
_MEDIAN = f"""
    SELECT grp, avg(spent) FROM (
        SELECT {{group}} AS grp, spent, row_number() OVER w AS place, count(*) OVER (PARTITION BY {{group}}) AS n
        FROM standing WHERE {_ANSWERED} AND spent IS NOT NULL AND {{group}} IS NOT NULL
        WINDOW w AS (PARTITION BY {{group}} ORDER BY spent)
    ) WHERE place IN ((n + 1) / 2, (n + 2) / 2) GROUP BY grp
"""
# each answer to a field beside what another person, a reviewer or an import said of it, and whether the two are equal
_AGREEMENT = f"""
    WITH told AS (
        SELECT a.record_pk, a.annotator, a.way, x.key AS field, x.value FROM standing a, json_each(a."values") x WHERE a.{_ANSWERED}
    ), shared AS (
        SELECT told.* FROM told WHERE record_pk IN (
            SELECT record_pk FROM standing WHERE {_ANSWERED} GROUP BY record_pk HAVING count(DISTINCT annotator) > 1)
    )
    SELECT {{group}} AS grp, avg(equal) FROM (
        SELECT a.*, a.value = b.value AS equal FROM shared a JOIN shared b
            ON b.record_pk = a.record_pk AND b.field = a.field AND b.annotator <> a.annotator
        UNION ALL
        SELECT told.*, told.value = json_extract(g.value, '$') FROM told JOIN gold g ON g.record_pk = told.record_pk
        WHERE g.field = told.field AND g.method IN ('adjudicated', 'imported')
    ) WHERE {{group}} IS NOT NULL GROUP BY grp
"""
_WAYS = f"SELECT way, count(*) FROM standing WHERE {_ANSWERED} AND way IS NOT NULL GROUP BY way"
# of the logarithms of the times, what a comparison needs: how many, their sum, and the sum of their squares
_TIMES = f"""
    SELECT way, count(*) AS n, sum(log_of(spent)) AS total, sum(log_of(spent) * log_of(spent)) AS squares FROM standing
    WHERE {_ANSWERED} AND way IS NOT NULL AND spent > 0 GROUP BY way
"""
# how sure a suggestion was: of a choice its own probability, which is the highest; of spans and tags the lowest
_BY_CONFIDENCE = f"""
    SELECT min(CAST(score * 10 AS INTEGER), 9) AS bucket, count(*), sum(accepted) FROM (
        SELECT said.value = shown.value AS accepted, (
            SELECT CASE WHEN json_type(g.score) = 'object' THEN max(p.atom) ELSE min(p.atom) END
            FROM json_tree(g.score) p WHERE p.type IN ('real', 'integer')) AS score
        FROM standing a, json_each(a.suggested) shown, json_each(a."values") said
        JOIN suggestions g ON g.record_pk = a.record_pk AND g.field = shown.key
            AND instr(', ' || coalesce(a.suggester, g.suggester) || ', ', ', ' || g.suggester || ', ')
        WHERE said.key = shown.key AND a.{_ANSWERED}
    ) WHERE score IS NOT NULL GROUP BY bucket ORDER BY bucket
"""
_CHECKED = f"""
    FROM standing a, json_each(a."values") said
    JOIN gold g ON a."check" AND a.{_ANSWERED} AND g.record_pk = a.record_pk AND g.field = said.key
        AND g.method IN ('adjudicated', 'imported')
"""
_WRONG_ACCEPTED = f"""
    SELECT count(*), coalesce(sum(said.value = shown.value), 0) {_CHECKED} JOIN json_each(a.suggested) shown
    WHERE shown.key = said.key AND json_extract(g.value, '$') <> shown.value
"""
_CHECKS = f"""
    SELECT count(*), coalesce(sum(ok), 0) FROM (
        SELECT min(said.value = json_extract(g.value, '$')) AS ok {_CHECKED} GROUP BY a.id)
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


def dashboard(c: Connection, project: int) -> dict[str, Any]:
    """What the dashboard shows of a project.

    ===========  ====================================================================================================
    by_day       annotations that stand, and all active seconds, of each day on which there were any, in UTC
    annotators   each person's records, seconds, skips, flags and answers that came too late, and the share of their answers to a
                 field that are equal to what another person, a reviewer or an import said of it
    labels       how often each label was given, by field: in gold, else in the answers
    suggestions  answers with suggestions beside those of the control share, with the sums of the logarithms of their times;
                 acceptance by the suggestion's confidence, and of wrong ones on check questions
    checks       check questions that were answered, and rightly
    ===========  ====================================================================================================
    """
    _drop(c)
    _teach_logarithms(c)
    c.execute(text(_GATHER), {"project": project})
    c.execute(text(_STANDING))
    try:
        return {
            "by_day": [{"day": day, "annotations": n, "seconds": s} for day, n, s in c.execute(text(_BY_DAY))],
            "annotators": _annotators(c),
            "labels": _labels(c, project),
            "suggestions": _suggestions(c),
            "checks": dict(zip(("asked", "right"), c.execute(text(_CHECKS)).one(), strict=True)),
        }
    finally:
        _drop(c)


def _teach_logarithms(c: Connection) -> None:
    """Not every SQLite is built with mathematics."""
    driver: Any = c.connection.dbapi_connection
    driver.create_function("log_of", 1, math.log, deterministic=True)


def _drop(c: Connection) -> None:
    c.execute(text("DROP VIEW IF EXISTS temp.standing"))
    c.execute(text("DROP TABLE IF EXISTS temp.said"))


def _annotators(c: Connection) -> list[dict[str, Any]]:
    medians = _pairs(c, _MEDIAN.format(group="annotator"))
    agreement = _pairs(c, _AGREEMENT.format(group="annotator"))
    return [
        {
            "name": row.annotator,
            "records": row.records,
            "seconds": row.seconds,
            "median_seconds": medians.get(row.annotator),
            "skipped": row.skipped,
            "flagged": row.flagged,
            "surplus": row.surplus,
            "agreement": agreement.get(row.annotator),
        }
        for row in c.execute(text(_PEOPLE))
    ]


def _labels(c: Connection, project: int) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for field, label, n in c.execute(text(_LABELS), {"project": project, "ranks": " ".join(GOLD_METHODS)}):
        found[field][label] = n
    return dict(found)


def _suggestions(c: Connection) -> dict[str, Any]:
    counts = _pairs(c, _WAYS)
    medians = _pairs(c, _MEDIAN.format(group="way"))
    agreement = _pairs(c, _AGREEMENT.format(group="way"))
    shown, accepted = c.execute(text(_WRONG_ACCEPTED)).one()
    return {
        **{
            way: {"n": counts.get(way, 0), "median_seconds": medians.get(way), "agreement": agreement.get(way)}
            for way in ("shown", "control")
        },
        "by_confidence": [
            {"low": n / 10, "high": (n + 1) / 10, "n": count, "accepted": yes}
            for n, count, yes in c.execute(text(_BY_CONFIDENCE))
        ],
        "wrong_accepted": {"shown": shown, "accepted": accepted},
        "times": {
            way: {"n": n, "sum": total, "squares": squares} for way, n, total, squares in c.execute(text(_TIMES))
        },
    }


def _pairs(c: Connection, query: str) -> dict[str, Any]:
    return {row[0]: row[1] for row in c.execute(text(query))}
