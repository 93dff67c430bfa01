"""Reads the TOML of a fence: checks the type of each key, and finds the line it is on."""

import difflib
import re
import tomllib
from typing import Any

from lessons.model import Finding, Line


class Fields:
    """One TOML block, read key by key; what is wrong with it is added to `findings`.

    For a missing key, or one of the wrong type, an empty value is returned, so that all that is
    wrong is found in one go.
    """

    def __init__(self, source: str, file: str, line: int, findings: list[Finding]) -> None:
        """Read the block whose fence opens at `line` of `file`."""
        self.file, self.line, self.findings = file, line, findings
        self._source = source.split("\n")
        self._asked: set[str] = set()
        self._values: dict[str, Any] = {}
        self.sound = True
        """Whether the block is valid TOML."""
        try:
            self._values = tomllib.loads(source)
        except tomllib.TOMLDecodeError as fault:
            self.sound = False
            place = re.search(r" \(at (?:line (\d+), column \d+|end of document)\)", str(fault))
            number = place and place.group(1)
            below = int(number) if number else len(self._source) - 1
            said = str(fault)[: place.start()] if place else str(fault)
            told = said[0].lower() + said[1:]
            mend = 'write KEY = "text" or KEY = ["a", "b"]'
            self._find(line + below, f"this is not TOML: {told}", mend)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a text; without a `default` it must be there and not be empty."""
        value = self._take(key, str, default, f'{key} = "..."')
        if default is None and isinstance(value, str) and not value.strip():
            self.find(key, f"{key} is empty", f'say something: {key} = "..."')
        return value if isinstance(value, str) else ""

    def number(self, key: str, default: int | None = None) -> int:
        """Return a whole number from 1 on; without a `default` it must be there."""
        value = self._take(key, int, default, f"{key} = 5")
        if isinstance(value, bool) or not isinstance(value, int):
            return 1
        if value < 1:
            self.find(key, f"{key} is {value}", "a whole number from 1 on")
            return 1
        return value

    def lines(self, key: str, *, required: bool = False) -> tuple[Line, ...]:
        """Return a list of texts, each with its line; where it is `required`, at least one."""
        example = f'{key} = ["...", "..."]'
        value = self._take(key, list, None if required else [], example)
        if not isinstance(value, list):
            return ()
        if required and not value:
            self.find(key, f"{key} is empty", example)
        if not all(isinstance(each, str) for each in value):
            self.find(key, f"{key} holds something that is no text", example)
            return ()
        return self._placed(key, value)

    def line_or_lines(self, key: str) -> tuple[Line, ...]:
        """Return a text or a list of texts as lines; it must be there."""
        if isinstance(self._values.get(key), str):
            return self._placed(key, [self.text(key)])
        return self.lines(key, required=True)

    def has(self, key: str) -> bool:
        """Whether the key is there."""
        return key in self._values

    def finish(self) -> None:
        """Report the keys that were not read: no such key exists."""
        for key in self._values.keys() - self._asked:
            known = sorted(self._asked)
            near = difflib.get_close_matches(key, known, 1, 0.5)
            mend = f"did you mean {near[0]}?" if near else f"the keys are {', '.join(known)}"
            self.find(key, f"unknown key {key!r}", mend)

    def find(self, key: str, text: str, mend: str) -> None:
        """Report something about a key, at its line."""
        self._find(self.at(key), text, mend)

    def at(self, key: str) -> int:
        """Return the number of the line with a key; that of the fence if there is none."""
        begins = re.compile(rf'\s*"?{re.escape(key)}"?\s*=')
        for number, source in enumerate(self._source, 1):
            if begins.match(source):
                return self.line + number
        return self.line

    def _placed(self, key: str, texts: list[str]) -> tuple[Line, ...]:
        """Give each text of a list the number of the line that it seems to be on."""
        place = self.at(key) - self.line - 1
        lines = []
        for text in texts:
            shown = text.split("\n")[0]
            spellings = (shown, shown.replace("\\", "\\\\").replace('"', '\\"'))
            found = (
                number
                for number in range(max(place, 0), len(self._source))
                if any(spelling in self._source[number] for spelling in spellings)
            )
            place = next(found, place)
            lines.append(Line(self.line + 1 + place, text))
        return tuple(lines)

    def _take(self, key: str, kind: type, default: object, example: str) -> object:
        self._asked.add(key)
        if key not in self._values:
            if default is None and self.sound:
                self._find(self.line, f"{key} is missing", f"add {example}")
            return default
        value = self._values[key]
        if not isinstance(value, kind):
            self.find(key, f"{key} is of the wrong type", f"write {example}")
            return default
        return value

    def _find(self, line: int, text: str, mend: str) -> None:
        self.findings.append(Finding(self.file, line, text, mend))
