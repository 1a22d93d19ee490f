"""The documentation: its Python runs, and it leaves no command, option or setting out."""

import contextlib
import doctest
import importlib
import importlib.util
import io
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
READMES = sorted(ROOT.glob("README*.md"))
FENCE = re.compile(
    r"^(?:<!-- not run: (?P<reason>.+?) -->\n+)?```(?P<language>\w+)[^\n]*\n(?P<code>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)


def python_blocks(page):
    """The Python of a page with the line it begins in; a comment `<!-- not run: REASON -->` above a block leaves it out."""
    text = page.read_text(encoding="utf-8")
    for block in FENCE.finditer(text):
        if block["language"] == "python" and not block["reason"]:
            yield text.count("\n", 0, block.start("code")), block["code"]


def relative(path):
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("page", [page for page in PAGES + READMES if any(python_blocks(page))], ids=relative)
def test_the_python_of_a_page_runs_from_top_to_bottom(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    names = {"__name__": "__docs__"}
    for line, code in python_blocks(page):
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile("\n" * line + code, relative(page), "exec"), names)


@pytest.mark.parametrize("page", PAGES + READMES, ids=relative)
def test_a_page_has_no_block_of_python_that_the_tests_would_pass_over(page):
    text = page.read_text(encoding="utf-8")
    fences = re.findall(r"^\s*(?:```+|~~~+)\s*(\S*)", text, re.MULTILINE)
    assert [name for name in fences if name.lower() in {"py", "python3", "{.python", "{"}] == [], "write ```python"
    assert re.findall(r"^(?:[ \t]+(?:```+|~~~+)|````+|~~~+) *python", text, re.MULTILINE) == [], (
        "begin the line with ```python"
    )


MODULES_WITH_EXAMPLES = [
    path for path in sorted((ROOT / "src").rglob("*.py")) if ">>> " in path.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("path", MODULES_WITH_EXAMPLES, ids=relative)
def test_the_examples_in_docstrings_give_what_they_say(path):
    name = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts).removesuffix(".__init__")
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert result.attempted > 0
    assert result.failed == 0


def commands():
    """Every command of the app that is not hidden: its words (`quality agreement`), and its long options."""
    if importlib.util.find_spec("goldleaf.cli") is None:
        return []
    import typer.main

    from goldleaf.cli import app

    def walk(command, words):
        if getattr(command, "hidden", False):
            return
        if children := getattr(command, "commands", {}):
            for name, child in children.items():
                yield from walk(child, [*words, name])
        elif words:
            options = [
                o for p in command.params if not getattr(p, "hidden", False) for o in (*p.opts, *p.secondary_opts)
            ]
            yield " ".join(words), [option for option in options if option.startswith("--") and option != "--help"]

    return list(walk(typer.main.get_command(app), []))


COMMANDS = commands()


def says(text, word):
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


@pytest.mark.parametrize(("command", "options"), COMMANDS, ids=[command for command, _ in COMMANDS])
def test_a_command_is_documented_with_every_option_on_a_page_that_names_it(command, options):
    pages = [text for page in PAGES if says(text := page.read_text(encoding="utf-8"), f"goldleaf {command}")]
    assert pages, f"no page in docs/ says `goldleaf {command}`"
    assert [option for option in options if not any(says(text, option) for text in pages)] == []


def test_every_setting_of_a_recipe_is_documented():
    page = ROOT / "docs" / "training.md"
    if importlib.util.find_spec("goldleaf.train") is None or not page.exists():
        pytest.skip("no training yet")
    pytest.importorskip("torch")
    from goldleaf.train import Recipe

    text = page.read_text(encoding="utf-8")
    assert [name for name in Recipe.__dataclass_fields__ if f"`{name}`" not in text] == []


def test_the_changelog_opens_with_the_version_in_hand_or_what_is_not_released_yet():
    from goldleaf import __version__

    headings = re.findall(r"^## \[?([^\]\s]+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] in {"Unreleased", __version__}
