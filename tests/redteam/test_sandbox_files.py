"""Attacks on the host's files from inside a box. Each one works without the box."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.contract.boxes import boxed, python, unboxed

pytestmark = pytest.mark.needs("bwrap")

_CANARY = "canary-of-the-owner"
_READ = "import sys; print(open(sys.argv[1]).read())"


@pytest.fixture
def work(tmp_path: Path) -> Path:
    """The folder that the attacker may write."""
    folder = tmp_path / "runs" / "a" / "work"
    folder.mkdir(parents=True)
    return folder


@pytest.fixture
def key(tmp_path: Path) -> Path:
    """A file of the owner."""
    path = tmp_path / "owner" / ".ssh" / "id_ed25519"
    path.parent.mkdir(parents=True)
    path.write_text(_CANARY, encoding="utf-8")
    return path


def test_a21_file_of_the_owner_cannot_be_read(work: Path, key: Path) -> None:
    attack = python(_READ, str(key))
    assert _CANARY in unboxed(work, attack)
    assert "FileNotFoundError" in boxed(work, attack)


def test_a21_tree_walk_finds_no_file_of_the_owner(work: Path, key: Path) -> None:
    code = (
        "import os, sys\n"
        "for top in sys.argv[1:]:\n"
        "    for place, _, names in os.walk(top):\n"
        "        for name in names:\n"
        "            if name == 'id_ed25519': print(os.path.join(place, name))\n"
    )
    assert str(key) in unboxed(work, python(code, str(key.parents[2])))
    walk = ("/home", "/root", "/tmp", "/var", "/run", "/opt", "/srv", "/mnt")
    assert boxed(work, python(code, str(key.parents[2]), *walk)) == ""


def test_a17_link_in_the_workspace_to_a_file_outside_is_dangling(work: Path, key: Path) -> None:
    (work / "notes").symlink_to(key)
    (work / "up").symlink_to("../../../owner")
    for path in (work / "notes", work / "up" / ".ssh" / "id_ed25519"):
        assert _CANARY in unboxed(work, python(_READ, str(path)))
        assert "FileNotFoundError" in boxed(work, python(_READ, str(path)))


def test_a21_nothing_outside_can_be_written(work: Path, key: Path) -> None:
    code = (
        "import os, sys\n"
        "for path in sys.argv[1:]:\n"
        "    try:\n"
        "        with open(path, 'a') as file: file.write('x')\n"
        "        print('WROTE', path)\n"
        "    except OSError as err: print('no', err.errno)\n"
    )
    beside = work.parent / "made"
    attack = python(code, str(beside), str(key))
    assert unboxed(work, attack).count("WROTE") == 2
    beside.unlink()
    key.write_text(_CANARY, encoding="utf-8")
    boxed(work, attack)  # what it writes beside its folder goes to the box's own /tmp
    assert not beside.exists()
    assert key.read_text(encoding="utf-8") == _CANARY
    system = ("/usr/bin/x", "/etc/passwd", "/etc/x", "/x", "/run/sps/relay.py", "/run/sps/passwd")
    assert "WROTE" not in boxed(work, python(code, *system))


def test_a21_readonly_folder_cannot_be_made_writable(work: Path, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    remount = "mount -o remount,rw,bind {0} ; umount -l {0} ; mount --bind {1} {0} ; touch {0}/x"
    words = remount.format(tools, work)
    # The control makes a read-only mount of its own, as the box has one, and lifts that.
    ready = f"mount --bind {tools} {tools} && mount -o remount,ro,bind {tools} && ! touch {tools}/x"
    unboxed(work, ("unshare", "-rm", "sh", "-c", f"{ready} && {words}"))
    assert (tools / "x").exists() or (work / "x").exists()
    for place in (tools, work):
        (place / "x").unlink(missing_ok=True)
    readonly = (str(tools),)
    boxed(work, ("sh", "-c", words), readonly=readonly)
    boxed(work, ("unshare", "-rm", "sh", "-c", words), readonly=readonly)
    boxed(work, ("unshare", "-rmpf", "--mount-proc", "sh", "-c", words), readonly=readonly)
    assert not (tools / "x").exists()


def test_a21_host_root_cannot_be_uncovered(work: Path, key: Path) -> None:
    words = f"for m in /tmp /dev /proc /; do umount -l $m; done; cat {key}"
    assert _CANARY in unboxed(work, ("sh", "-c", f"cat {key}"))
    assert _CANARY not in boxed(work, ("unshare", "-rm", "sh", "-c", words))
    escape = f"cat /proc/1/root{key} /proc/1/cwd/..{key} /oldroot{key} /newroot/../{key}"
    assert _CANARY not in boxed(work, ("sh", "-c", escape))


def test_a34_shared_memory_is_private(work: Path) -> None:
    shared = Path("/dev/shm") / f"sps-canary-{os.getpid()}"
    shared.write_text(_CANARY, encoding="utf-8")
    try:
        assert _CANARY in unboxed(work, python(_READ, str(shared)))
        assert "FileNotFoundError" in boxed(work, python(_READ, str(shared)))
        boxed(work, ("sh", "-c", f"echo x > {shared}; echo x > {shared}2"))
        assert shared.read_text(encoding="utf-8") == _CANARY
        assert not Path(f"{shared}2").exists()
    finally:
        shared.unlink()


def test_a34_another_run_cannot_be_seen(work: Path, tmp_path: Path) -> None:
    other = tmp_path / "runs" / "b" / "work"
    other.mkdir(parents=True)
    (other / "draft").write_text(_CANARY, encoding="utf-8")
    look = f"cat {other}/draft; ls {tmp_path}/runs; ls -A /tmp"
    assert _CANARY in unboxed(work, ("sh", "-c", look))
    seen = boxed(work, ("sh", "-c", look))
    assert _CANARY not in seen
    assert "b" not in seen.split()


def test_a21_private_keys_and_password_hashes_of_the_system_are_absent(work: Path) -> None:
    secret = [name for name in ("/etc/shadow", "/etc/ssl/private") if Path(name).exists()]
    if not secret:
        pytest.skip("this system has neither")
    look = ("sh", "-c", "for f in /etc/shadow /etc/ssl/private /etc/ssh; do ls -d $f; done; true")
    assert any(name in unboxed(work, look).split("\n") for name in secret)
    assert not any(name in boxed(work, look).split("\n") for name in secret)


def test_a21_disks_and_kernel_memory_are_no_devices_here(work: Path) -> None:
    devices = "ls /dev/mem /dev/kmsg /dev/vda /dev/sda /dev/nvme0n1 /dev/disk /sys 2>/dev/null"
    assert unboxed(work, ("sh", "-c", devices)) != ""
    assert boxed(work, ("sh", "-c", devices)) == ""
