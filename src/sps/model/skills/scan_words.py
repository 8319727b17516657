"""Sentences that turn an agent against its user."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sps.model.skills.scan_text import Reading, matches, pattern
from sps.model.skills.suspicion import ScanFinding, Suspect

_RULES_WORD = (
    r"(?:instructions?|rules?|prompts?|guidelines?|directives?|constraints?|policies|policy"
    r"|messages?|training|safeguards?|restrictions?|context)"
)
_OTHERS = (
    r"(?:previous(?:ly)?|prior|above|earlier|preceding|other|existing|system|safety|developer"
    r"|original|default|your|user(?:'s)?)"
)
_USER = (
    r"(?:the\s+|your\s+|any\s+)?(?:users?|humans?|operators?|owners?|developers?|anyone|person"
    r"|people|reviewers?|them|him)"
)
_VICTIM = r"(?:the\s+|your\s+)?(?:users?|humans?|operators?|owners?|person|people)"
_CONFIDENTIAL = (
    r"(?:secrets?|credentials?|api[ _-]?keys?|access[ _-]?tokens?|tokens?|passwords?"
    r"|private[ _-]?keys?|ssh[ _-]?keys?|environment variables?|env(?:ironment)? vars?|\.env\b"
    r"|system prompt|conversation(?: history)?|chat history|source code|cookies?"
    r"|session data|wallet|seed phrase)"
)
_PLACE = (
    r"(?:https?://|\bto\s+(?:an?\s+|the\s+|our\s+|this\s+|my\s+)?(?:\w+\s+){0,2}(?:server|endpoint"
    r"|url|webhook|address|host|domain|collector|api|site|e-?mail|bucket|gist|pastebin)"
    r"|\bto\s+\S+@\S+\.\w|\w+\.(?:com|net|io|xyz|sh|dev)\b)"
)

_WORDS = (
    pattern(
        "override-words", Suspect.FLAG, "tells the agent to drop the rules it was given",
        rf"\b(?:ignore|disregard|forget|override|bypass|discard|drop|neglect|overrule|set\s+aside)\s+(?:\w+\s+){{0,3}}?"
        rf"(?:{_OTHERS}\s+){{1,3}}(?:\w+\s+){{0,1}}?{_RULES_WORD}\b",
        rf"\b(?:ignore|disregard|forget)\s+(?:everything|all|anything)\s+(?:\w+\s+){{0,3}}(?:above|before|told|said|{_RULES_WORD})\b",
        r"\byou\s+are\s+(?:now|no\s+longer)\s+(?:\w+\s+){0,4}(?:DAN|unrestricted|jailbroken|bound|developer\s+mode|root|admin\w*|god\s+mode|limited|restricted)\b",
        r"\b(?:enter|enable|activate|switch\s+to)\s+(?:\w+\s+)?(?:developer|god|unrestricted|jailbreak|DAN|debug-?override)\s+mode\b",
        rf"\b(?:these|this|the\s+following|my)\s+(?:\w+\s+)?{_RULES_WORD}\s+(?:take|takes|has|have|override|overrides|supersede|supersedes)\s+"
        r"(?:absolute\s+|highest\s+)?(?:precedence|priority|over\b|all\b|any\b|the\s+system|your|everything)",
        r"<\s*/?\s*(?:system|system[-_]prompt|system[-_]reminder|admin|developer)\s*>",
        r"^\s*(?:#+\s*)?\[?(?:SYSTEM|ADMIN|DEVELOPER)(?:\s+(?:OVERRIDE|MESSAGE|PROMPT|NOTICE))\]?\s*:",
        r"<\|(?:im_start|im_end|system|endoftext)\|>|\[/?INST\]",
        r"\b(?:bypass|disable|turn\s+off|circumvent|skip|evade)\s+(?:\w+\s+){0,2}(?:safety|sandbox\w*|approvals?|permission|guardrails?|content\s+filters?|security)\s*"
        r"(?:checks?|prompts?|filters?|controls?|measures?|mode|protections?|restrictions?|rules?|dialogs?)",
        r"\bpretend\s+(?:that\s+)?(?:you\s+have|there\s+are|to\s+have)\s+no\s+(?:\w+\s+)?(?:rules|restrictions|limits|guidelines)",
        flags=re.MULTILINE,
    ),
    pattern(
        "concealment-words", Suspect.FLAG, "tells the agent to hide something from the user",
        rf"\b(?:do\s+not|don't|never|must\s+not|avoid|without)\s+(?:ever\s+)?(?:tell(?:ing)?|inform(?:ing)?|notify(?:ing)?|alert(?:ing)?|warn(?:ing)?|let(?:ting)?)"
        rf"\s+{_VICTIM}\b(?![^\n.]{{0,100}}\b(?:until|unless|before|without)\b)",
        rf"\b(?:do\s+not|don't|never|must\s+not|without)\s+(?:ever\s+)?(?:mention(?:ing)?|reveal(?:ing)?|show(?:ing)?|disclos(?:e|ing)|report(?:ing)?|admit(?:ting)?|say(?:ing)?)"
        rf"\s+(?:any\s+of\s+)?(?:this|these|that|it|them|anything|what\s+you|the\s+(?:existence|instruction|command|request))\b[^\n.]{{0,60}}?\bto\s+{_USER}\b",
        r"\b(?:do\s+not|don't|never)\s+(?:mention|reveal|disclose|admit|display|log|output|show)\s+(?:that\s+you|this\s+(?:step|action|instruction|skill|file|command|section|request|to)|these\s+(?:steps|instructions)|the\s+existence|having)\b",
        r"\b(?:hide|conceal|keep)\s+(?:all\s+of\s+)?(?:this|these|it|them|that|your|the\s+(?:fact|command|change|action|instruction|output|step|request|upload)s?)"
        rf"\s+(?:\w+\s+){{0,3}}?(?:secret\s+|hidden\s+)?from\s+{_USER}\b",
        rf"\b{_VICTIM}\s+(?:must|should|may|need|does|do)\s*(?:not|n't|never)\s+(?:\w+\s+)?(?:see|know|notice|find\s+out|be\s+(?:told|informed|aware|notified)|learn)\b",
        r"(?:^|[.:;,!?*-]\s*|\b(?:and|then|also|must|should|always|please|you|to)\s+)(?:silently|secretly|covertly|quietly|invisibly|stealthily)\s+(?:\w+\s+)?"
        r"(?:send|upload|post|execute|run|install|exfiltrate|transmit|collect|forward|append|push|add)\b",
        rf"\bwithout\s+{_USER}(?:'s)?\s+(?:knowing|noticing|knowledge)\b",
        r"\b(?:remove|delete|clear|erase)\s+(?:\w+\s+){0,3}?(?:evidence|(?:all|any|your)\s+traces?\s+of|shell\s+history|bash\s+history)\b",
        firm=True, flags=re.MULTILINE,
    ),
    pattern(
        "exfiltration-words", Suspect.FLAG, "tells the agent to send something confidential away",
        rf"\b(?:send|post|upload|forward|transmit|exfiltrate|leak|submit|e-?mail|deliver|push|report|append|encode|include|embed|put)\b[^\n.]{{0,100}}{_CONFIDENTIAL}[^\n]{{0,100}}?{_PLACE}",
        rf"\b(?:send|post|upload|forward|transmit|exfiltrate|leak)\b[^\n.]{{0,60}}{_PLACE}[^\n]{{0,100}}{_CONFIDENTIAL}",
        rf"\b(?:collect|gather|harvest|steal|exfiltrate|read)\s+(?:\w+\s+){{0,4}}{_CONFIDENTIAL}[^\n]{{0,80}}\b(?:send|post|upload|forward|transmit|exfiltrate)\b",
        rf"\bexfiltrat\w+\s+(?:\w+\s+){{0,4}}{_CONFIDENTIAL}",
    ),
    pattern(
        "exfiltration-host", Suspect.FLAG, "names a service that is used to carry data away",
        r"\b(?:webhook\.site|requestbin\.\w+|\w*\.?pipedream\.net|[\w-]+\.ngrok(?:-free)?\.(?:io|app|dev)|interact\.sh"
        r"|[\w-]+\.oast\.\w+|burpcollaborator\.net|hookbin\.com|beeceptor\.com|transfer\.sh|file\.io|0x0\.st"
        r"|discord(?:app)?\.com/api/webhooks|api\.telegram\.org/bot|pastebin\.com/raw|paste\.ee|termbin\.com"
        r"|canarytokens\.\w+|dnslog\.\w+|ceye\.io|trycloudflare\.com)",
    ),
    pattern(
        "no-questions", Suspect.NOTE, "asks the agent not to ask",
        r"\bwithout\s+(?:asking|confirmation|confirming|prompting|approval|permission)\b",
        r"\b(?:do\s+not|don't|never)\s+(?:ask|wait)\s+(?:for\s+)?(?:\w+\s+)?(?:confirmation|permission|approval|the\s+user)\b",
    ),
    pattern(
        "secret-inside", Suspect.FLAG, "holds what looks like a real key",
        r"-----BEGIN (?:\w+ )?PRIVATE KEY-----\s*\n\s*[A-Za-z0-9+/=]{40,}",
        r"\bAKIA(?!IOSFODNN7EXAMPLE)[0-9A-Z]{16}\b", r"\bgh[pousr]_[A-Za-z0-9]{36,}\b",
        r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{40,}\b", r"\bxox[baprs]-\d{8,}-[\w-]{10,}",
    ),
)  # fmt: skip
_PRE_EXECUTION = (
    pattern(
        "pre-execution", Suspect.FLAG, "some clients run this command before anybody reads it",
        r"(?:^|[\s(>*-])!`[^`\n]{1,300}`", r"^\s*```!",
        flags=re.MULTILINE, firm=True,
    ),
)  # fmt: skip


def word_findings(reading: Reading) -> Iterator[ScanFinding]:
    """Return sentences that override, conceal or carry away, and commands run while loading."""
    yield from matches(reading, _WORDS)
    if reading.prose:
        yield from matches(reading, _PRE_EXECUTION)
