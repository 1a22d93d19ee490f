"""What the tests of training share."""

from __future__ import annotations

from pathlib import Path

import pytest
from tiny_models import build_encoder


@pytest.fixture(scope="session")
def bert(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_encoder("bert", tmp_path_factory.mktemp("models") / "bert")
