"""The annotation app's HTTP side: parse, authorise, call, render."""

from goldleaf.web.app import create_app
from goldleaf.web.house import Limits
from goldleaf.web.running import run_app

__all__ = ["Limits", "create_app", "run_app"]
