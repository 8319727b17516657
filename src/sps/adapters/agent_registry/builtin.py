"""The entries that are built in. Each line that looks odd is there because an agent needs it."""

from __future__ import annotations

from sps.ports.agent import AgentKind

_SCRIPTED = AgentKind(
    name="scripted",
    title="Embedded agent: carries out the steps written in the card, without a model",
    command=("{python}", "-I", "-S", "{scripted}"),
    version="1.0",
)

_CLAUDE = AgentKind(
    name="claude",
    title="Claude Code (needs Node 22 or newer)",
    command=("claude-agent-acp",),
    env={
        "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
        "DISABLE_AUTOUPDATER": "1",
        "DISABLE_TELEMETRY": "1",
    },
    pass_env=("ANTHROPIC_BASE_URL",),
    hosts=("api.anthropic.com:443", "platform.claude.com:443"),
    base_urls=("ANTHROPIC_BASE_URL",),
    node=22,
    keys=("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "CLAUDE_CODE_OAUTH_TOKEN"),
    login_files=(".claude/.credentials.json",),
    login_expiry=("claudeAiOauth", "expiresAt"),
    login_shared=False,  # a token renews once; the second who tries is logged out
    login=("claude", "auth", "login"),
    login_install="npm install -g @anthropic-ai/claude-code",
    model_env="ANTHROPIC_MODEL",
    mode="default",  # its own default, auto, never asks for permission
    skills=".claude/skills",  # it does not look into .agents/skills
    probe=("claude-agent-acp", "--version"),
    version="0.101.0",
    install="npm install -g @agentclientprotocol/claude-agent-acp@0.101.0",
)

_CODEX_CONFIG = "check_for_update_on_startup = false\n\n[analytics]\nenabled = false\n"
_CODEX_ENV = {"CODEX_HOME": "{home}/.codex"}
_CODEX_KEYS = ("OPENAI_API_KEY", "CODEX_API_KEY")
_CODEX_HOSTS = ("api.openai.com:443", "auth.openai.com:443", "chatgpt.com:443")
_CODEX_LOGIN = (".codex/auth.json",)
_CODEX_EXPIRY = ("tokens", "access_token")
_CODEX_LOGIN_INSTALL = "npm install -g @openai/codex"

_CODEX_PROFILE = (
    f'approval_policy = "on-request"\ndefault_permissions = "box"\n{_CODEX_CONFIG}'
    '\n[permissions.box.filesystem]\n":root" = "write"\n'
    "\n[permissions.box.network]\nenabled = true\n"
)

_CODEX = AgentKind(
    name="codex",
    title="Codex",
    command=("codex-acp",),
    env=_CODEX_ENV,
    hosts=_CODEX_HOSTS,
    node=20,
    keys=_CODEX_KEYS,
    auth_methods=("api-key",),
    login_files=_CODEX_LOGIN,
    login_expiry=_CODEX_EXPIRY,
    login_shared=False,  # as Claude's
    login=("codex", "login"),
    login_install=_CODEX_LOGIN_INSTALL,
    # Our box is the boundary. Codex's own sandbox needs namespaces, which a box that root started
    # refuses: each command would fail and the turn still end well. Its default mode, agent, asks a
    # model instead of its client, and its only mode without a sandbox asks nobody. A profile of its
    # own has no sandbox and asks its client for what the model itself finds worth asking.
    mode="permission-profile:box",
    files={".codex/config.toml": _CODEX_PROFILE},
    probe=("codex-acp", "--version"),
    version="2.6.0",
    install="npm install -g @agentclientprotocol/codex-acp@2.6.0",
)

# No sandbox within our box, as above; `untrusted` makes it ask its client before each command. None
# of its modes is that pair, so no mode is set. Newer releases of Codex no longer know `untrusted`.
_ZED_CODEX_CONFIG = (
    f'approval_policy = "untrusted"\nsandbox_mode = "danger-full-access"\n{_CODEX_CONFIG}'
)

_ZED_CODEX = AgentKind(
    name="zed-codex",
    title="Codex by way of Zed's single binary",
    command=("codex-acp",),
    env=_CODEX_ENV,
    hosts=_CODEX_HOSTS,
    keys=_CODEX_KEYS,
    auth_methods=("openai-api-key", "codex-api-key"),
    login_files=_CODEX_LOGIN,
    login_expiry=_CODEX_EXPIRY,
    login_shared=False,
    login=("codex", "login"),
    login_install=_CODEX_LOGIN_INSTALL,
    files={".codex/config.toml": _ZED_CODEX_CONFIG},
    probe=("codex-acp", "--help"),  # it cannot say its version
    version="0.16.0",
    install="npm install -g @zed-industries/codex-acp@0.16.0",
)

_OPENCODE = AgentKind(
    name="opencode",
    title="OpenCode",
    command=("opencode", "acp"),
    env={
        "OPENCODE_DISABLE_AUTOUPDATE": "1",
        "OPENCODE_DISABLE_DEFAULT_PLUGINS": "1",
        "OPENCODE_DISABLE_LSP_DOWNLOAD": "1",
        "OPENCODE_DISABLE_MODELS_FETCH": "1",
    },
    hosts=(
        "api.anthropic.com:443",
        "api.openai.com:443",
        "auth.openai.com:443",
        "chatgpt.com:443",
        "opencode.ai:443",
        "openrouter.ai:443",
    ),
    keys=("ANTHROPIC_API_KEY", "OPENAI_API_KEY", "OPENCODE_API_KEY", "OPENROUTER_API_KEY"),
    login_files=(".local/share/opencode/auth.json",),
    login_shared=False,  # what stands in it depends on the provider
    login=("opencode", "auth", "login"),
    # Without these it changes files and runs commands unasked.
    files={
        ".config/opencode/opencode.json": '{"autoupdate": false, "share": "disabled",'
        ' "permission": {"edit": "ask", "bash": "ask", "webfetch": "deny"}}\n'
    },
    probe=("opencode", "--version"),
    version="1.18.33",
    install="npm install -g opencode-ai@1.18.33",
)

_GEMINI = AgentKind(
    name="gemini",
    title="Gemini CLI",
    command=("gemini", "--acp"),
    pass_env=("GOOGLE_GEMINI_BASE_URL",),
    hosts=("generativelanguage.googleapis.com:443",),
    base_urls=("GOOGLE_GEMINI_BASE_URL",),
    node=20,
    keys=("GEMINI_API_KEY",),
    model_env="GEMINI_MODEL",
    mode="default",
    fs=False,  # with the client's files it cannot make new ones
    files={
        ".gemini/settings.json": '{"security": {"auth": {"selectedType": "gemini-api-key"}},'
        ' "general": {"disableAutoUpdate": true, "disableUpdateNag": true},'
        ' "telemetry": {"enabled": false}, "privacy": {"usageStatisticsEnabled": false}}\n'
    },
    probe=("gemini", "--version"),
    version="0.61.0",
    install="npm install -g @google/gemini-cli@0.61.0",
    resume=False,  # it offers to, and then finds no session
    reports_usage=False,
)

_QWEN = AgentKind(
    name="qwen",
    title="Qwen Code (needs Node 22 or newer)",
    command=("qwen", "--acp"),
    pass_env=("OPENAI_BASE_URL", "OPENAI_MODEL"),
    hosts=("dashscope-intl.aliyuncs.com:443", "dashscope.aliyuncs.com:443"),
    base_urls=("OPENAI_BASE_URL",),
    node=22,
    keys=("OPENAI_API_KEY",),
    model_env="OPENAI_MODEL",
    mode="default",  # its own default is auto
    files={
        ".qwen/settings.json": '{"security": {"auth": {"selectedType": "openai"}},'
        ' "general": {"disableAutoUpdate": true}, "telemetry": {"enabled": false},'
        ' "privacy": {"usageStatisticsEnabled": false}}\n'
    },
    probe=("qwen", "--version"),
    version="0.24.4",
    install="npm install -g @qwen-code/qwen-code@0.24.4",
    reports_usage=False,
)

_COPILOT = AgentKind(
    name="copilot",
    title="GitHub Copilot CLI",
    command=("copilot", "--acp"),
    pass_env=(
        "COPILOT_MODEL",
        "COPILOT_OFFLINE",
        "COPILOT_PROVIDER_BASE_URL",
        "COPILOT_PROVIDER_TYPE",
    ),
    hosts=(
        "api.business.githubcopilot.com:443",
        "api.enterprise.githubcopilot.com:443",
        "api.github.com:443",
        "api.githubcopilot.com:443",
        "api.individual.githubcopilot.com:443",
    ),
    base_urls=("COPILOT_PROVIDER_BASE_URL",),
    node=22,
    keys=("COPILOT_GITHUB_TOKEN", "COPILOT_PROVIDER_API_KEY"),
    login_files=(".copilot/config.json",),
    login=("copilot", "login"),
    model_env="COPILOT_MODEL",
    probe=("copilot", "--version"),
    version="1.0.102",
    install="npm install -g @github/copilot@1.0.102",
)

_VIBE = AgentKind(
    name="vibe",
    title="Mistral Vibe (needs Python 3.12 or newer)",
    command=("vibe-acp",),
    env={"VIBE_HOME": "{home}/.vibe"},
    hosts=("api.mistral.ai:443",),
    keys=("MISTRAL_API_KEY",),
    login_files=(".vibe/.env",),
    login=("vibe", "--setup"),
    mode="ask",  # its own default, accept-edits, changes files unasked
    probe=("vibe-acp", "--version"),
    version="3.0.2",
    install="pipx install mistral-vibe==3.0.2",
)

KINDS = (
    _SCRIPTED,
    _CLAUDE,
    _CODEX,
    _ZED_CODEX,
    _OPENCODE,
    _GEMINI,
    _QWEN,
    _COPILOT,
    _VIBE,
)
