"""The owner's file of agents: a mapping `agents:` from name to entry, in YAML."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import NoReturn

import msgspec

from sps.adapters.agent_registry.entry import mistakes
from sps.lib import atomic, by_hand, plain_file, yaml_nodes
from sps.lib.nearest import suggestion
from sps.lib.yaml_nodes import BrokenYaml, Mapping, Node, Scalar, Sequence, found
from sps.model.errors import Misuse
from sps.ports.agent import AgentKind

_MOST = 1024**2
_TOP = ("version", "agents")
_TEXTS = ("title", "mode", "model_env", "effort_env", "version", "install", "login_install")
_LISTS = (
    "command",
    "pass_env",
    "keys",
    "auth_methods",
    "login_files",
    "login_expiry",
    "login",
    "hosts",
    "base_urls",
    "readonly",
    "probe",
)
_MAPS = ("env", "options", "files")
_SWITCHES = ("fs", "terminal", "resume", "reports_usage", "login_shared", "proxy")
_NUMBERS = ("node",)
_FORMER = "endpoint"
_FIELDS = (*_TEXTS, *_LISTS, *_MAPS, *_SWITCHES, *_NUMBERS)


class AgentsFile:
    """The file, which may be absent. Everything wrong in it is a `Misuse` that names its line."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> list[AgentKind]:
        """Return the entries in their order. Raises `Misuse("bad-agents-file")`."""
        root = self._root(self._text())
        if root is None:
            return []
        top = self._mapping(root, "the file")
        agents: list[AgentKind] = []
        for key, value in top:
            if key.text not in _TOP:
                self._refuse(key, f"unknown key {key.text!r}{suggestion(key.text, _TOP)}")
            if key.text == "version" and (not isinstance(value, Scalar) or value.as_int() != 1):
                self._refuse(value, f"version 1 is known, found {found(value)}")
            if key.text == "agents" and not (isinstance(value, Scalar) and value.is_null):
                entries = self._mapping(value, "agents")
                agents += [self._entry(name, entry) for name, entry in entries]
        return agents

    def put(self, kind: AgentKind) -> None:
        """Add an entry or replace the one of that name; comments of others stay. Raises `Misuse`,
        also when the file is broken: then it is left as it is."""
        wrong = next(mistakes(kind), None)
        if wrong is not None:
            raise Misuse("bad-agent", f"{wrong[0]}: {wrong[1]}", hint="sps agent add --help")
        self.read()
        from ruamel.yaml import YAML

        editor = YAML()
        editor.width = 4096
        document = editor.load(self._text()) or {}
        if document.get("agents") is None:
            document["agents"] = {}
        document["agents"][kind.name] = _plain(kind)
        out = io.StringIO()
        editor.dump(document, out)
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        atomic.write(self._path, out.getvalue().encode())

    def take_out(self, name: str) -> None:
        """Remove an entry, if there is one; the others and their comments stay. Raises `Misuse`
        when the file is broken: then it is left as it is."""
        if all(kind.name != name for kind in self.read()):
            return
        from ruamel.yaml import YAML

        editor = YAML()
        editor.width = 4096
        document = editor.load(self._text())
        del document["agents"][name]
        out = io.StringIO()
        editor.dump(document, out)
        atomic.write(self._path, out.getvalue().encode())

    def _text(self) -> str:
        try:
            content, _ = plain_file.read(self._path, _MOST, follow=True)
            return content.decode()
        except FileNotFoundError:
            return ""
        except (plain_file.NotPlain, plain_file.TooLarge, UnicodeDecodeError, OSError) as err:
            raise self._bad(str(self._path), str(err)) from err

    def _root(self, text: str) -> Node | None:
        try:
            return yaml_nodes.parse(text)
        except BrokenYaml as err:
            where = f"{self._path}:{err.line}:{err.column}"
            raise self._bad(where, err.message) from err

    def _entry(self, name: Scalar, node: Node) -> AgentKind:
        values: dict[str, object] = {}
        places: dict[str, Node] = {"name": name}
        for key, value in self._mapping(node, f"agent {name.text}"):
            field = key.text
            if field == _FORMER:
                self._refuse(key, f"{_FORMER!r} is called 'hosts' now: hosts: [HOST:PORT]")
            if field not in _FIELDS:
                self._refuse(key, f"unknown key {field!r}{suggestion(field, _FIELDS)}")
            places[field] = value
            values[field] = self._reader(field)(value, field)
        kind = msgspec.convert({**values, "name": name.text}, AgentKind)
        for field, says in mistakes(kind):
            self._refuse(places.get(field, name), f"{field}: {says}")
        return kind

    def _reader(self, field: str) -> Callable[[Node, str], object]:
        if field in _LISTS:
            return self._list
        if field in _MAPS:
            return self._map
        if field in _NUMBERS:
            return self._number
        return self._switch if field in _SWITCHES else self._words

    def _words(self, node: Node, field: str) -> str:
        text = node.as_text() if isinstance(node, Scalar) else None
        if text is None:
            self._refuse(node, f"{field} is a text (in quotes if need be), found {found(node)}")
        return text

    def _list(self, node: Node, field: str) -> list[str]:
        if not isinstance(node, Sequence):
            self._refuse(node, f"{field} is a list of texts, found {found(node)}")
        return [self._any_text(item, field) for item in node.items]

    def _map(self, node: Node, field: str) -> dict[str, str]:
        return {key.text: self._any_text(item, field) for key, item in self._mapping(node, field)}

    def _any_text(self, node: Node, field: str) -> str:
        if not isinstance(node, Scalar) or node.is_null:
            self._refuse(node, f"{field} has a text here, found {found(node)}")
        return node.text

    def _switch(self, node: Node, field: str) -> bool:
        value = node.as_bool() if isinstance(node, Scalar) else None
        if value is None:
            self._refuse(node, f"{field} is true or false, found {found(node)}")
        return value

    def _number(self, node: Node, field: str) -> int:
        value = node.as_int() if isinstance(node, Scalar) else None
        if value is None or value < 0:
            self._refuse(node, f"{field} is a whole number, found {found(node)}")
        return value

    def _mapping(self, node: Node, what: str) -> Mapping:
        if not isinstance(node, Mapping):
            self._refuse(node, f"{what} is a mapping, found {found(node)}")
        return node

    def _refuse(self, node: Node, says: str) -> NoReturn:
        where = f"{self._path}:{node.line}:{node.column}"
        raise self._bad(where, says)

    def _bad(self, where: str, says: str) -> Misuse:
        hint = by_hand.edit(self._path)
        return Misuse("bad-agents-file", f"{where}: {says}", where=where, hint=hint)


def _plain(kind: AgentKind) -> dict[str, object]:
    """Return the fields that differ from their defaults."""
    blank = msgspec.to_builtins(AgentKind(name=kind.name))
    values = msgspec.to_builtins(kind)
    return {
        field: list(values[field]) if field in _LISTS else values[field]
        for field in _FIELDS
        if values[field] != blank[field]
    }
