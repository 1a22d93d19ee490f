"""A real server process, and people who talk to it."""

from __future__ import annotations

import pytest
from app_server import App, serving
from workspaces import make_workspace


@pytest.fixture
def app(tmp_path) -> App:
    """A server of its own, with an owner who is signed in."""
    with serving(make_workspace(tmp_path)) as app:
        yield app


@pytest.fixture(scope="module")
def shared_app(tmp_path_factory) -> App:
    """One server for the tests of a file that leave no trace."""
    with serving(make_workspace(tmp_path_factory.mktemp("app"))) as app:
        yield app
