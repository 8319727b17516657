"""Commands and code that fetch and run, dig in, read secrets or destroy; and scripts that nobody
mentions."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sps.model.skills.scan_text import NOTHING, Pattern, Reading, finding, matches, pattern
from sps.model.skills.suspicion import ScanFinding, Suspect, escaped
from sps.model.skills.tree import MAIN, SkillFile, SkillTree

_SCRIPT = (
    ".sh", ".bash", ".zsh", ".fish", ".ps1", ".psm1", ".bat", ".cmd", ".vbs", ".py", ".pyw", ".rb",
    ".pl", ".php", ".js", ".mjs", ".cjs", ".ts", ".lua", ".applescript", ".scpt", ".command",
    ".jar",     ".exe", ".msi", ".app", ".desktop", ".reg", ".hta", ".awk",
)  # fmt: skip
_SHELLS = r"(?:sudo\s+(?:-\S+\s+)*)?(?:/(?:usr/)?bin/)?(?:env\s+)?(?:ba|z|da|k|a|fi)?sh\b"
_RUNNERS = rf"(?:{_SHELLS}|(?:sudo\s+)?(?:python[23]?|perl|ruby|node|php|deno|bun)\b|iex\b)"
_FETCH = r"\b(?:curl|wget|fetch|aria2c|iwr|irm|Invoke-WebRequest|Invoke-RestMethod)\b"
_READS = (
    r"\b(?:cat|less|head|tail|cp|scp|rsync|tar|zip|base64|xxd|read|reads|open|grep|find|upload|send"
    r"|copy|collect|print|type|get-content|include|paste|return|show|output|exfiltrate|steal)\b"
)
_SECRETS = (
    r"(?:~|\$HOME|\$\{HOME\}|%USERPROFILE%|/root|/home/\w+|/Users/\w+|\.|Path\.home\(\)|expanduser)?"
    r"[^\s\w.]{0,6}(?:\.ssh\b|\.aws/|\.aws\b|\.gnupg\b|\.netrc\b|\.git-credentials|\.kube/config"
    r"|\.docker/config\.json|\.config/gcloud|\.azure\b|\.password-store|\.pgpass)"
    r"|\bid_(?:rsa|ed25519|ecdsa)\b|/etc/shadow\b|\bLogin Data\b|\bwallet\.dat\b|\bkeychain-db\b"
)
_WRITES = (
    r"(?:>>?|\b(?:tee|echo|append|appends|add|adds|write|writes|insert|install|cp|copy|ln|sed -i"
    r"|modify|edit|update|put|save|open)\b)"
)
_STAYS = (
    r"(?:~/|\$HOME/|\$\{HOME\}/|\b|/)?(?:\.(?:bashrc|zshrc|profile|bash_profile|zprofile|zshenv"
    r"|bash_login)\b|config\.fish\b|\.config/autostart|authorized_keys\b|/etc/cron|/etc/rc\.local"
    r"|LaunchAgents\b|LaunchDaemons\b|\.git/hooks/|\.claude/(?:settings|hooks|CLAUDE)"
    r"|\.codex/config|\.gemini/settings|\.cursor/(?:mcp|rules)|\.mcp\.json\b|/etc/systemd/system"
    r"|\.config/systemd|CurrentVersion\\Run\b)"
)

_RULES: tuple[Pattern, ...] = (
    pattern(
        "pipe-to-shell", Suspect.FLAG, "runs what it has just fetched, unseen",
        rf"{_FETCH}[^\n|]{{0,400}}\|\s*(?:tee\s+\S+\s*\|\s*)?{_RUNNERS}",
        rf"{_RUNNERS}\s+(?:-\w+\s+)*<\(\s*{_FETCH}",
        rf"(?:\bsource|\s\.)\s+<\(\s*{_FETCH}",
        rf"(?:\beval|{_RUNNERS}\s+-[ce])\s+[\"']?(?:\$\(|`)\s*{_FETCH}",
        r"\biex\b[\s(&{]*(?:\(?\s*new-object|\(?\s*iwr|\(?\s*irm|\(?\s*invoke-webrequest)",
        r"\bDownloadString\s*\([^\n]{0,200}\|\s*iex\b",
        r"\bexec\(\s*(?:requests\.get|urllib\.request\.urlopen|urlopen|httpx\.get)\b",
        r"\beval\(\s*(?:await\s+)?\(?\s*(?:await\s+)?fetch\(",
        rf"{_FETCH}[^\n]{{0,160}}(?:-o|-O|--output|>)[ \t]{{0,4}}([^\s;&|]{{2,60}})"
        r"[^\n;&]{0,60}(?:&&|;)"
        rf"\s{{0,4}}(?:chmod\s{{1,4}}\S{{1,12}}\s{{1,4}}\S{{1,80}}\s{{0,4}}(?:&&|;)\s{{0,4}})?"
        rf"(?:{_RUNNERS}\s{{1,4}})?(?:\./)?\1",
    ),
    pattern(
        "reverse-shell", Suspect.REFUSE, "opens a shell to somebody else",
        r"/dev/(?:tcp|udp)/[\w.$-]+/[\d$]",
        r"\b(?:nc|ncat|netcat)\b[^\n|]{0,80}\s-(?:\w*[ec])\b\s*\S*sh\b",
        r"\bmkfifo\b[^\n]{0,120}\|\s*(?:/bin/)?\w*sh\b[^\n]{0,60}\|\s*(?:nc|ncat|netcat|telnet)\b",
        r"\bsocat\b[^\n]{0,120}\bexec:[^\n]{0,20}sh\b",
        r"\bos\.dup2\(\s*\w+\.fileno\(\)",
        r"\bpty\.spawn\(\s*[\"']/bin/\w*sh",
    ),
    pattern(
        "persistence", Suspect.FLAG, "writes where it is started or read again later",
        rf"{_WRITES}[^\n]{{0,160}}{_STAYS}",
        rf"{_STAYS}[^\n]{{0,60}}(?:>>|\bappend|\"a\"|'a'|\bwrite)",
        r"\bcrontab\s+(?:-\s|-$|-u|<|/)", r"\|\s*crontab\b",
        r"\bschtasks\b[^\n]{0,80}/create", r"\bsystemctl\s+(?:--user\s+)?enable\b",
        r"\blaunchctl\s+(?:load|bootstrap)\b", r"\bgit\s+config\b[^\n]{0,60}core\.hooksPath",
        r"\b(?:add|append|write|insert|copy|save)\b[^\n.]{0,80}\b(?:to|into|in)\b[^\n.]{0,40}"
        r"(?:~/|global |user |every )[^\n.]{0,30}\b(?:CLAUDE|AGENTS|GEMINI|MEMORY|SOUL)\.md\b",
        flags=re.MULTILINE,
    ),
    pattern(
        "secret-read", Suspect.FLAG, "reads keys or passwords of the user",
        rf"{_READS}[^\n]{{0,120}}?{_SECRETS}",
        r"\bsecurity\s+(?:find|dump)-(?:generic|internet)?-?(?:password|keychain)",
        r"\b(?:printenv|env|set|export -p)\s*(?:\|[^\n]{0,120})?(?:\||>)\s*"
        r"(?:curl|wget|nc|base64)\b",
        r"\b(?:curl|wget|nc|requests\.post|fetch)\b[^\n]{0,200}(?:\$\(|`|@|<)\s*(?:cat\s+|env\b"
        r"|printenv\b)?\S{0,60}(?:\.env\b|environ|printenv|\benv\b)",
        r"(?:\bcat\s+\S*\.env\b)[^\n]{0,120}\|\s*(?:curl|wget|nc|base64)\b",
        r"(?:json\s*=|data\s*=|body\s*[:=]|stringify\()[^\n]{0,60}(?:os\.environ\b(?!\s*[\[.])"
        r"|dict\(os\.environ\)|process\.env\b(?!\s*[.\[]))",
        r"\b(?:send|post|upload)\b[^\n.]{0,60}\.env\b",
        r"\b(?:curl|wget|fetch|requests\.get|http\.get)\b[^\n]{0,120}169\.254\.169\.254",
    ),
    pattern(
        "destructive", Suspect.FLAG, "destroys what it should not touch",
        r"\brm\s+-\w*[rf]\w*\s+(?:-\S+\s+)*[\"']?(?:/|~|\$HOME|\$\{HOME\}|/\*|~/\*|\.git)[\"']?(?=\s|;|&|$)",
        r"\bmkfs(?:\.\w+)?\s+/dev/", r"\bdd\b[^\n]{0,80}\bof=/dev/(?:sd|nvme|disk|hd)",
        r":\(\)\s*\{\s*:\|:&\s*\}\s*;:", r"\bhistory\s+-c\b", r"\bshred\b[^\n]{0,40}\s~?/",
        r"\bshutil\.rmtree\(\s*(?:Path\.home\(\)|os\.path\.expanduser\([\"']~[\"']\)|[\"']/[\"'])",
        flags=re.MULTILINE,
    ),
    pattern(
        "privilege", Suspect.FLAG, "takes rights that a skill does not need",
        r"\bchmod\s+(?:-R\s+)?[ugoa]*\+s\b", r"\bchmod\s+[246]7[0-7]{2}\b",
        r"\bNOPASSWD\b", r"\bsetenforce\s+0\b", r"\bcsrutil\s+disable\b",
        r"\bspctl\b[^\n]{0,30}disable",
        r"\bxattr\s+-\w*[dc]\w*\s[^\n]{0,60}quarantine", r"\bSet-MpPreference\b[^\n]{0,60}Disable",
        r"\bdocker\s+run\b[^\n]{0,120}(?:--privileged|-v\s+/:)", r"\bSet-ExecutionPolicy\s+Bypass",
        r"--dangerously-(?:skip-permissions|bypass-approvals)[\w-]*",
        r"\bExecutionPolicy\s+Bypass\b[^\n]{0,80}-(?:w\w*\s+hidden|enc)",
    ),
    pattern(
        "unpinned-run", Suspect.FLAG, "downloads and runs whatever version a package has today",
        r"\bnpx\s+(?:-\S+\s+)*(?:-y|--yes)\s+(?:-\S+\s+)*(?!\S*@\d)(?:@[\w.-]+/)?[a-z][\w.-]*(?:@(?!\d)\w+)?",
        r"\bpip3?\s+install\b[^\n]{0,120}(?:\bgit\+|\bhttps?://|--(?:extra-)?index-url|-i\s+http"
        r"|--trusted-host)",
        r"\bnpm\s+(?:install|i)\b[^\n]{0,120}(?:\bgit\+|\bhttps?://|--registry)",
        r"\bcurl\b[^\n]{0,200}\binstall\.(?:sh|ps1)\b[^\n]{0,80}(?:&&|;)\s*(?:ba)?sh\b",
    ),
    pattern(
        "unpinned-install", Suspect.NOTE, "installs a package without a version",
        r"\bpip3?\s+install\s+(?:-\S+\s+)*(?!-|\.|\S*(?:==|~=|@|/|\$|<))[A-Za-z][\w.\[\],-]*",
        r"\buvx\s+(?!\S*[@=])[a-z][\w-]*",
        r"\bnpm\s+(?:install|i)\s+(?:-\S+\s+)*(?!\S*@\d|\.|-)(?:@[\w.-]+/)?[a-z][\w.-]*",
    ),
    pattern(
        "sudo", Suspect.NOTE, "asks for root",
        r"(?:^|[;&|`]\s*|\$\s)sudo\s+\w", flags=re.MULTILINE,
    ),
)  # fmt: skip


def command_findings(reading: Reading) -> Iterator[ScanFinding]:
    """Return dangerous commands and code in a text."""
    yield from matches(reading, _RULES)
    if not reading.prose:
        yield from _secrets_with_network(reading)


_TALKS = re.compile(
    r"https?://|\b(?:curl|wget|nc|scp|requests\.|urllib|httpx|aiohttp|fetch\(|axios|socket\.|smtplib"
    r"|Net::HTTP|Invoke-WebRequest)",
    re.IGNORECASE,
)
_HELD = re.compile(rf"{_SECRETS}|(?:^|[\s\"'(/=])\.env\b", re.IGNORECASE | re.MULTILINE)
_THIEF = pattern(
    "secret-read", Suspect.FLAG, "a script that names secrets and talks to others", NOTHING
)


def _secrets_with_network(reading: Reading) -> Iterator[ScanFinding]:
    held = _HELD.search(reading.text)
    if held and _TALKS.search(reading.text):
        yield finding(reading, _THIEF, held.start())


def is_script(file: SkillFile) -> bool:
    """Whether a file can be run: by its mode, its first line or its ending."""
    name = file.path.rpartition("/")[2].lower()
    return file.executable or file.content.startswith(b"#!") or name.endswith(_SCRIPT)


def undeclared_scripts(tree: SkillTree, quiet: tuple[str, ...]) -> Iterator[ScanFinding]:
    """Return scripts that no text of the skill mentions, and that no mentioned script uses. `quiet`
    are folders of data."""
    said = "\n".join(
        tree.text(path) or ""
        for path in tree.files
        if path.endswith(".md") and not path.startswith(quiet)
    )
    scripts = {
        path: file
        for path, file in tree.files.items()
        if is_script(file) and not path.startswith(quiet)
    }
    named = {path for path in scripts if path.rpartition("/")[2] in said}
    code = "\n".join(tree.text(path) or "" for path in named)
    for path, file in scripts.items():
        if path in named or not file.content.strip():
            continue
        stem = re.escape(path.rpartition("/")[2].partition(".")[0])
        used = re.search(rf"\b{stem}\b", code) is not None
        plain = not file.executable and path.startswith(("assets/", "references/", "templates/"))
        says = f"a script that {MAIN} does not mention"
        yield ScanFinding(
            path=escaped(path),
            rule="undeclared-script",
            severity=Suspect.NOTE if used or plain else Suspect.FLAG,
            says=says + (", used by another one" if used else ""),
            excerpt=escaped((tree.text(path) or "").partition("\n")[0]),
        )
