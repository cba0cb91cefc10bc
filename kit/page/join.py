"""Plain ES modules as one script: a phone fetches one file where the source has twenty small ones.

Not a bundler: the modules of one script share its scope, so no two of them may use a top-level name twice
(`JoinFault` says which), and they import by name only. What is joined runs in any browser that the modules
themselves run in; nothing is rewritten but `import`, `export`, comments and indentation.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_IMPORT: Final = re.compile(r'^import (?:\{([^}]*)\} from )?"(\.[^"]+)";\n', re.MULTILINE)
_EXPORT: Final = re.compile(r"^export (?!default\b)", re.MULTILINE)
_LIST: Final = re.compile(r"^export \{([^}]*)\};\n", re.MULTILINE)
_DEFAULT: Final = re.compile(r"^export default .*\n", re.MULTILINE)
_DECLARED: Final = re.compile(
    r"^(?:export )?(?:async )?(?:function\*?|class|const|let) (?:\{([^}]*)\}|\[([^\]]*)\]|(\w+))",
    re.MULTILINE,
)
# Comments on lines of their own, and types in front of an expression: a phone needs neither.
_BLOCK: Final = re.compile(r"^[ \t]*/\*(?:(?!\*/).)*\*/[ \t]*\n", re.MULTILINE | re.DOTALL)
_LINE: Final = re.compile(r"^[ \t]*//.*\n", re.MULTILINE)
_CAST: Final = re.compile(r"/\*\* @type [^*]*\*/ ?")
_INDENT: Final = re.compile(r"^[ \t]+|^\n", re.MULTILINE)


class JoinFault(ValueError):
    """Two modules of one script use the same name, or one imports what is not there."""


@dataclass
class Script:
    """Modules joined so far, in the order in which they run."""

    made: Mapping[Path, str]
    outside: Mapping[Path, str] = field(default_factory=dict)
    parts: dict[Path, str] = field(default_factory=dict)
    seen: set[Path] = field(default_factory=set)
    names: dict[str, Path] = field(default_factory=dict)
    wanted: dict[str, set[str]] = field(default_factory=dict)

    def add(self, path: Path) -> None:
        """Add a module after those that it imports. Raises JoinFault."""
        if path in self.seen:
            return
        self.seen.add(path)
        source = self.made[path] if path in self.made else path.read_text(encoding="utf-8")
        source = _CAST.sub("", _LINE.sub("", _BLOCK.sub("", source)))
        for found in _IMPORT.finditer(source):
            self._import((path.parent / found[2]).resolve(), found[1] or "")
        self._declare(path, source)
        source = _EXPORT.sub("", _LIST.sub("", _IMPORT.sub("", source)))
        self.parts[path] = _INDENT.sub("", source)

    def _import(self, path: Path, names: str) -> None:
        if path in self.outside:
            self.wanted.setdefault(self.outside[path], set()).update(_listed(names))
        else:
            self.add(path)

    def _declare(self, path: Path, source: str) -> None:
        for found in _DECLARED.finditer(source):
            for name in _listed(found[1] or found[2] or found[3]):
                if self.names.setdefault(name, path) != path:
                    raise JoinFault(f"{name} is declared in {self.names[name].name} and in {path.name}")


def join(
    entry: Path,
    made: Mapping[Path, str],
    *,
    outside: Mapping[Path, str] | None = None,
    exports: frozenset[str] = frozenset(),
) -> Script:
    """Join a module with all it imports. Raises JoinFault.

    `made` are modules that no file holds, by the path they are imported under; `outside` are modules that
    another script holds already, by the address to import that script from; `exports` are names that others
    import from this script, beside those in the entry's own list of exports.
    """
    script = Script(made, outside or {})
    script.add(entry)
    given = set(exports)
    for found in _LIST.finditer(entry.read_text(encoding="utf-8")):
        given.update(_listed(found[1]))
    if missing := given - set(script.names):
        raise JoinFault(f"{entry.name} has no {', '.join(sorted(missing))}")
    if given:
        script.parts[Path("exports")] = f"export {{ {', '.join(sorted(given))} }};\n"
    return script


def text(script: Script, entry: Path) -> str:
    """The script as one text; of its modules only the entry keeps its default export."""
    imports = [
        f'import {{ {", ".join(sorted(names))} }} from "{address}";\n'
        for address, names in sorted(script.wanted.items())
    ]
    parts = [part if path == entry else _DEFAULT.sub("", part) for path, part in script.parts.items()]
    return "".join([*imports, *parts])


def constant(name: str, value: Any) -> str:
    """A module that exports one value, made from data of the kit."""
    return f"export const {name} = {json.dumps(value, ensure_ascii=False, separators=(',', ':'))};\n"


def _listed(names: str) -> list[str]:
    return [name.strip() for name in names.split(",") if name.strip()]
