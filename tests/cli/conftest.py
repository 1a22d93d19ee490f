"""What the tests of the command line share."""

import sys

import pytest

from goldleaf.cli import main


@pytest.fixture
def goldleaf(monkeypatch, capsys):
    """Runs a command; gives its exit status, standard output and standard error."""

    def run(*words):
        monkeypatch.setattr(sys, "argv", ["goldleaf", *map(str, words)])
        with pytest.raises(SystemExit) as stopped:
            main()
        output = capsys.readouterr()
        return stopped.value.code or 0, output.out, output.err

    return run
