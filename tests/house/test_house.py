"""The house keeps what it promises a newcomer: locks without addresses, one set of checks."""

import re
import tomllib
from pathlib import Path

import pytest

from deploy import build_hook

ROOT = Path(__file__).parents[2]
LOCKS = [*sorted(ROOT.glob("deploy/locks/*.txt")), ROOT / "web/frontend/package-lock.json"]


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_no_lock_names_an_address(lock: Path) -> None:
    assert not re.findall(r"^.*(?:https?|file|git)[+:].*$", lock.read_text(), re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS[:-1], ids=lambda lock: lock.name)
def test_every_locked_package_has_a_hash(lock: Path) -> None:
    requirements = [
        requirement
        for requirement in lock.read_text().replace("\\\n", " ").splitlines()
        if requirement and not requirement.lstrip().startswith("#")
    ]
    assert requirements
    for requirement in requirements:
        assert "==" in requirement and "--hash=sha256:" in requirement, requirement


def test_nothing_locked_needs_a_compiler_for_input_devices() -> None:
    for lock in LOCKS[:-1]:
        assert not re.search(r"^evdev==", lock.read_text(), re.MULTILINE), lock


def test_everything_the_product_needs_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    lock = (ROOT / "deploy/locks/run.txt").read_text()
    locked = set(re.findall(r"^([a-z0-9-]+)==", lock, re.MULTILINE))
    wanted = {re.split(r"[\[<>=;]", need)[0] for need in project["dependencies"]}
    assert wanted <= locked


def test_pre_commit_runs_the_checks_of_make_lint() -> None:
    recipe = (ROOT / "Makefile").read_text().split("\nlint:", 1)[1].split("\n\n", 1)[0]
    hooks = (ROOT / ".pre-commit-config.yaml").read_text()
    for check in ("ruff check", "ruff format --check", "mypy", "lint-imports", "npm run check"):
        assert check in hooks
        assert check.removeprefix("npm ") in recipe


def system_with(folder: Path, version: str) -> None:
    """Make a system whose Node is of this version."""
    for program in ("node", "npm"):
        (folder / program).write_text(f"#!/bin/sh\necho {version}\n")
        (folder / program).chmod(0o755)


@pytest.mark.parametrize(
    ("version", "will_do"),
    [("v18.20.4", False), ("v20.18.9", False), ("v20.19.0", True), ("v24.1.0", True)],
)
def test_a_node_too_old_is_passed_over(
    version: str, will_do: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system_with(tmp_path, version)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (build_hook.system_npm() is not None) == will_do


def test_without_npm_node_comes_from_pypi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    hook = object.__new__(build_hook.BuildHook)
    assert hook.dependencies() == [build_hook.NODE_FROM_PYPI]
