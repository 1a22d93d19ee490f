"""What axe-core finds on a page."""

from __future__ import annotations

import pytest

SERIOUS = ("serious", "critical")


def complaints(page) -> list[str]:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python").Axe()
    said = axe.run(page).response
    assert len(said["passes"]) > 10  # it looked
    return [
        f"{one['id']}: {node['html'][:150]} {node['failureSummary'][:200]}"
        for one in said["violations"]
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    ]
