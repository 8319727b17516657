"""Signing landings with the owner's key: the same programs and settings as `git commit -S`.

Git's own signing would hide what the program said, rewrite names and dates, and let gpg ask a
person. So the programs are called here, with the same arguments, and never wait for anybody.
"""

from __future__ import annotations

import os
import re
import shlex
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sps.adapters.git_vault.git import Outer
from sps.adapters.git_vault.owners_config import OwnersConfig
from sps.lib import process
from sps.lib.process import Finished
from sps.model.errors import WorkFailed
from sps.model.reason import SIGN_FAILED, SIGN_LOCKED, SIGN_NO_KEY

_SECONDS = 60.0
_ASKING_S = 5.0
_LITERAL = re.compile(r"(?:key::)?((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[^\n]+)\Z")
_WOULD_ASK = re.compile(
    r"[Pp]inentry|passphrase|agent refused operation|Operation cancelled|\bPIN\b"
    r"|Inappropriate ioctl|INV_SGNR 0 |No agent running|communication with agent"
)
_NO_KEY = re.compile(
    r"No secret key|[Nn]o such file|Couldn't load|No private key|[Nn]o default secret key"
    r"|couldn't find key in agent|No public key|is not a (?:public|private) key|invalid format"
)
_ARMOUR = re.compile(rb"-----BEGIN (?:PGP|SSH) SIGNATURE-----\n")


@dataclass(frozen=True)
class Signer:
    """Signs in the owner's name. `kind` is ssh or gpg."""

    kind: str
    config: OwnersConfig
    outer: Outer
    repo: str

    def sign(self, payload: bytes, committer: bytes) -> bytes:
        """Return the armoured signature of a commit's body, without the line end.

        Raises `WorkFailed` (sign-no-key, sign-locked, sign-failed) with the program's own words.
        """
        made = self._ssh(payload) if self.kind == "ssh" else self._gpg(payload, committer)
        found = _ARMOUR.search(made.replace(b"\r", b""))
        if found is None:
            raise WorkFailed(SIGN_FAILED, f"the program for {self.kind} gave no signature")
        return made.replace(b"\r", b"")[found.start() :].rstrip(b"\n")

    def _gpg(self, payload: bytes, committer: bytes) -> bytes:
        config = self.config
        program = config.last("gpg.openpgp.program") or config.last("gpg.program") or "gpg"
        who = re.sub(r" \d+ [+-]\d{4}\Z", "", os.fsdecode(committer))
        key = config.last("user.signingkey") or who
        argv = [_path(program), "--batch", "--no-tty", "--pinentry-mode", "error"]
        finished = self._run([*argv, "--status-fd=2", "-bsau", key], stdin=payload)
        if finished.code != 0 or b"[GNUPG:] SIG_CREATED " not in finished.err:
            raise _failure(finished, f"gpg cannot sign as {key}")
        return finished.out

    def _ssh(self, payload: bytes) -> bytes:
        program = _path(self.config.last("gpg.ssh.program") or "ssh-keygen")
        key = self.config.last("user.signingkey") or self._default_key()
        with tempfile.TemporaryDirectory(prefix="sps-sign-") as folder:
            body = Path(folder) / "commit"
            body.write_bytes(payload)
            argv = [program, "-Y", "sign", "-n", "git", "-f"]
            literal = _LITERAL.match(key)
            if literal is None:
                argv += [_path(key)]
            else:
                public = Path(folder) / "key.pub"
                public.write_text(literal[1] + "\n", encoding="utf-8")
                argv += [os.fspath(public), "-U"]
            finished = self._run([*argv, os.fspath(body)])
            made = body.with_name("commit.sig")
            if finished.code != 0 or not made.is_file():
                raise _failure(finished, f"ssh-keygen cannot sign with {key[:200]}")
            return made.read_bytes()

    def _default_key(self) -> str:
        command = self.config.last("gpg.ssh.defaultkeycommand")
        if command is None:
            raise WorkFailed(
                SIGN_NO_KEY,
                "git names no key to sign with: user.signingkey and gpg.ssh.defaultKeyCommand are "
                f"not set for {self.repo}",
                hint=f"git -C {shlex.quote(self.repo)} config user.signingkey FILE",
            )
        finished = self._run(shlex.split(command))
        lines = finished.out.decode("utf-8", "replace").splitlines()
        key = next((line for line in lines if _LITERAL.match(line)), None)
        if finished.code != 0 or key is None:
            raise _failure(finished, "gpg.ssh.defaultKeyCommand names no key", SIGN_NO_KEY)
        return key

    def _run(self, argv: Sequence[str], *, stdin: bytes | None = None) -> Finished:
        # Without our mark: gpg may leave its agent running, and that is the owner's, not ours.
        env = self.outer.environment()
        try:
            finished = process.run(argv, env=env, cwd=self.repo, stdin=stdin, timeout=_SECONDS)
        except (FileNotFoundError, PermissionError) as err:
            raise WorkFailed(SIGN_FAILED, f"{argv[0]} cannot be started: {err.strerror}") from err
        if finished.timed_out:
            raise WorkFailed(
                SIGN_LOCKED, f"{argv[0]} was still waiting for somebody after {_SECONDS:.0f} s"
            )
        return finished


def keys_at_hand(outer: Outer) -> bytes:
    """Return what the owner's ssh agent says of the keys that it holds, nothing without one."""
    try:
        found = process.run(("ssh-add", "-l"), env=outer.environment(), timeout=_ASKING_S)
    except (FileNotFoundError, PermissionError):
        return b""
    return found.out


def _failure(finished: Finished, says: str, otherwise: str = SIGN_FAILED) -> WorkFailed:
    said = (finished.err or finished.out).decode("utf-8", "replace")
    code = otherwise
    if _WOULD_ASK.search(said):
        code = SIGN_LOCKED
    elif _NO_KEY.search(said):
        code = SIGN_NO_KEY
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    words = "; ".join(line for line in lines if not line.startswith("[GNUPG:]"))
    return WorkFailed(code, f"{says}: {words[-600:] or f'exit status {finished.code}'}")


def _path(text: str) -> str:
    """Return a program or file as git understands it: `~` is the owner's home."""
    return os.path.expanduser(text)
