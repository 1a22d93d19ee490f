"""What every request asks of the store is found by an index, so that it takes no longer in a large project."""

import re

import pytest

from goldleaf.store import answers, assignments, drafts, open_store, queue
from goldleaf.store.prepared import Prepared

STATEMENTS = {
    f"{module.__name__.rpartition('.')[2]}.{name}": value
    for module in (answers, assignments, drafts, queue)
    for name, value in vars(module).items()
    if isinstance(value, Prepared)
}


@pytest.mark.parametrize("name", STATEMENTS)
def test_no_statement_of_a_request_looks_through_a_table(tmp_path, name):
    store = open_store(tmp_path / "g.db", create=True)
    sql = STATEMENTS[name].sql
    with store.read() as c:
        params = dict.fromkeys(re.findall(r":(\w+)", sql), 1)
        plan = [row[3] for row in c.connection.dbapi_connection.execute(f"EXPLAIN QUERY PLAN {sql}", params)]
    store.close()
    assert not [step for step in plan if step.startswith("SCAN") or "TEMP B-TREE" in step]


def test_leases_are_found_by_the_index_of_leases_alone():
    assert "'leased'" in STATEMENTS["assignments._LEASES"].sql
