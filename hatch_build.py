"""The build hook: a wheel, an sdist and an editable install bring the browser side with them, built."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BrowserSide(BuildHookInterface):
    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds it; does nothing where it was built from these sources already (in an sdist it was)."""
        script = Path(self.root) / "web-ui" / "build.py"
        if script.is_file() and subprocess.run([sys.executable, str(script)], check=False).returncode:
            raise SystemExit(1)
