"""What a setup of strangers leaves behind, and what of it reaches the shared environment."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from sps.adapters.environment_folders import EnvironmentFolders
from sps.model.errors import Misuse, WorkFailed
from sps.ports.environments import Made, Recipe
from sps.ports.home import Home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    root = tmp_path / "home"
    root.mkdir()
    return Home(root)


@pytest.fixture
def kept(home: Home) -> EnvironmentFolders:
    return EnvironmentFolders(home)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    made = tmp_path / "home" / "projects" / "p" / "work" / "1" / ".venv"
    (made / "bin").mkdir(parents=True)
    (made / "bin" / "tool").write_text("#!/bin/sh\n")
    (made / "bin" / "tool").chmod(0o755)
    return made.parent


def publish(kept: EnvironmentFolders, checkout: Path, *keep: str) -> Made:
    recipe = Recipe(key="k", tree="t", own=False, root=str(checkout), keep=keep or (".venv",))
    return kept.publish("p", "name", recipe)


def nothing_is_left(home: Home) -> bool:
    place = home.environments("p")
    return not (place / "name").exists() and not list((place / ".half").iterdir())


def test_control_an_honest_setup_is_kept_and_read_only(
    kept: EnvironmentFolders, checkout: Path
) -> None:
    made = publish(kept, checkout)
    tool = Path(made.content) / ".venv" / "bin" / "tool"
    assert stat.S_IMODE(tool.stat().st_mode) == 0o555
    assert kept.fault(made) == ""
    assert kept.find("p", "name") is not None


LINKS = {
    "to the machine's keys": "/etc/ssh/ssh_host_ed25519_key",
    "to the home of SPS": "../../../../../sps.db",
    "to another workspace": "../../../2/secret.txt",
    "into the store itself": "../../../environments/other/content",
    "to a sibling with the same beginning": "../../../11/x",
    "to the process table": "/proc/1/environ",
    "to what no sandbox sees": "/srv/python/bin/python3",
}


@pytest.mark.parametrize("target", LINKS.values(), ids=LINKS)
def test_link_that_leads_out_is_refused(
    kept: EnvironmentFolders, checkout: Path, home: Home, target: str
) -> None:
    (checkout / ".venv" / "bin" / "python").symlink_to(target)
    with pytest.raises(WorkFailed) as caught:
        publish(kept, checkout)
    assert caught.value.code == "setup-refused"
    assert "bin/python" in caught.value.message
    assert nothing_is_left(home)


def test_links_that_every_workspace_can_follow_are_kept_as_links(
    kept: EnvironmentFolders, checkout: Path
) -> None:
    links = {"a": "/usr/bin/env", "b": "tool", "c": "../../tracked/file", "d": f"{checkout}/x"}
    for name, target in links.items():
        (checkout / ".venv" / "bin" / name).symlink_to(target)
    content = Path(publish(kept, checkout).content) / ".venv" / "bin"
    assert {name: os.readlink(content / name) for name in links} == links


def test_special_bits_do_not_survive(kept: EnvironmentFolders, checkout: Path) -> None:
    tool = checkout / ".venv" / "bin" / "tool"
    tool.chmod(0o6755)
    tool.parent.chmod(0o3777)
    content = Path(publish(kept, checkout).content) / ".venv" / "bin"
    assert stat.S_IMODE((content / "tool").stat().st_mode) == 0o555
    assert stat.S_IMODE(content.stat().st_mode) == 0o755


def test_pipes_sockets_and_devices_are_left_out_and_named(
    kept: EnvironmentFolders, checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(checkout / ".venv")
    os.mkfifo("pipe")
    expected = {".venv/pipe", ".venv/socket"}
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        if os.geteuid() == 0:
            os.mknod("device", 0o600 | stat.S_IFCHR, os.makedev(1, 3))
            expected.add(".venv/device")
        made = publish(kept, checkout)
    assert {one.split(" ")[0] for one in made.left_out} == expected
    assert os.listdir(Path(made.content) / ".venv") == ["bin"]


def _keep_is_a_link(checkout: Path) -> None:
    os.rename(checkout / ".venv", checkout / "real")
    (checkout / ".venv").symlink_to("real")


def _folder_above_is_a_link(checkout: Path) -> None:
    (checkout / "web").symlink_to("/usr")


def _nothing_was_made(checkout: Path) -> None:
    os.rename(checkout / ".venv", checkout / "other")


@pytest.mark.parametrize(
    "prepare,keep",
    [
        (_keep_is_a_link, ".venv"),
        (_folder_above_is_a_link, "web/lib"),
        (_nothing_was_made, ".venv"),
    ],
)
def test_kept_path_that_is_not_what_the_setup_made_is_refused(
    kept: EnvironmentFolders,
    checkout: Path,
    home: Home,
    prepare: Callable[[Path], None],
    keep: str,
) -> None:
    prepare(checkout)
    with pytest.raises(WorkFailed, match=keep):
        publish(kept, checkout, keep)
    assert nothing_is_left(home)


def test_hard_link_to_what_is_kept_changes_nothing_in_it(
    kept: EnvironmentFolders, checkout: Path
) -> None:
    """The setup keeps a second name of each file, as a cache does, and writes through it later."""
    os.link(checkout / ".venv" / "bin" / "tool", checkout / "second-name")
    made = publish(kept, checkout)
    with (checkout / "second-name").open("w") as file:
        file.write("changed")
    assert (checkout / ".venv" / "bin" / "tool").read_text() == "changed"  # the control
    assert kept.fault(made) == ""


def test_bottomless_folders_and_too_much_of_everything_are_refused(
    home: Home, checkout: Path
) -> None:
    deep = checkout / ".venv"
    for _ in range(120):
        deep = deep / "d"
        deep.mkdir()
    with pytest.raises(WorkFailed, match="deeper"):
        publish(EnvironmentFolders(home), checkout)
    os.rename(checkout / ".venv" / "d", checkout / "d")
    (checkout / ".venv" / "large").write_bytes(b"x" * 2000)
    with pytest.raises(WorkFailed, match="SPS_ENVIRONMENTS_LIMIT"):
        publish(EnvironmentFolders(home, limit=1000), checkout)
    assert nothing_is_left(home)


def test_folders_and_files_without_permissions_are_no_hiding_place(
    kept: EnvironmentFolders, checkout: Path
) -> None:
    tool = checkout / ".venv" / "bin" / "tool"
    tool.chmod(0)
    tool.parent.chmod(0)
    made = publish(kept, checkout)
    assert made.files == 1
    assert (Path(made.content) / ".venv" / "bin" / "tool").read_text() == "#!/bin/sh\n"


def test_change_of_what_is_kept_is_seen(kept: EnvironmentFolders, checkout: Path) -> None:
    made = publish(kept, checkout)
    tool = Path(made.content) / ".venv" / "bin" / "tool"
    before = tool.stat()
    tool.chmod(0o755)
    tool.write_text("#!/bin/no\n")
    tool.chmod(0o555)
    os.utime(tool, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "not what was published" in kept.fault(made)


SECRETS = [".ssh", ".gnupg", ".aws", ".config", ".local/share", ".docker"]


@pytest.fixture
def owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "owner"
    for name in (*SECRETS, ".cargo/bin", ".config/gh", ".local/share/keyrings"):
        (home / name).mkdir(parents=True, exist_ok=True)
    monkeypatch.setenv("HOME", str(home))
    return home


@pytest.mark.parametrize("name", [f"~/{name}" for name in SECRETS])
def test_folder_with_secrets_is_no_tool(kept: EnvironmentFolders, owner: Path, name: str) -> None:
    with pytest.raises(Misuse) as caught:
        kept.toolbox((name,))
    assert caught.value.code == "bad-tool"


@pytest.mark.parametrize(
    "name", ["/", "~/", "/etc", "/proc/self", "/home", "/tmp", "~/none", "/usr/../etc/ssl"]
)
def test_machine_home_and_system_are_no_tools(
    kept: EnvironmentFolders, owner: Path, name: str
) -> None:
    with pytest.raises(Misuse):
        kept.toolbox((name,))


def test_home_of_sps_and_what_lies_above_or_below_is_no_tool(
    kept: EnvironmentFolders, owner: Path, home: Home
) -> None:
    (home.root / "projects").mkdir()
    (owner / "way-in").symlink_to(home.root)
    for place in (home.root, home.root / "projects", home.root.parent, owner / "way-in"):
        with pytest.raises(Misuse):
            kept.toolbox((str(place),))


def test_credentials_inside_a_toolchain_are_hidden(kept: EnvironmentFolders, owner: Path) -> None:
    (owner / ".cargo" / "credentials.toml").write_text("token = 'canary'\n")
    box = kept.toolbox(("~/.cargo",))
    assert box.folders == (str(owner / ".cargo"),)
    assert box.hidden == (str(owner / ".cargo" / "credentials.toml"),)
    assert box.path == (str(owner / ".cargo" / "bin"),)
