"""Test somebody's own node, in any language, and explain the first difference.

The node is a command that reads requests and writes replies. It is asked what
`core/check/cases.py` holds, and the right answer is the real node's. Where they differ
first, the conversation is shrunk to the fewest messages that still show it, and compared
with the mutants: the one that answers just so says what the node lacks, and what whoever
wrote it may have believed.

Each case begins with a fresh process, kept ready while the one before it runs. Of the
random schedules a process takes several, each with ids of its own and from an empty state
on; the first that fails is tried once more in a process to itself.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from core.check import cases as about
from core.check.child import Child, Kind, NodeFailed
from core.check.converse import Mismatch, converse, leave, right_answers, value_of
from core.check.distinguish import behaves_like, differs
from core.lab.world import OnProgress
from core.mutants import MUTANTS, Mutant
from core.search.shrink import shrink

Verdict = Literal["pass", "fail", "broken"]

READY = 3
"""Processes kept ready: starting one takes longer than a case does."""
TOGETHER = 20
"""Random schedules in one process."""
_TRIES = 150
"""Processes a shrinking may start."""
_SLOW_TRIES = 5
"""Those of them that may hang, as each takes the whole time limit."""
_PATIENCE = 1.0
"""Seconds a node has to stop after the end of its input."""
_HANGS = 3
"""Hangs beyond the basic messages after which no more is asked about them."""


class Terms(NamedTuple):
    """How strictly a node is tested.

    `cases`: how many random schedules, drawn by `seed`. `strict`: what goes beyond the four
    basic messages counts too. `exact`: replies are compared as bytes (the text of an error
    is free). `limit`: seconds for a reply.
    """

    cases: int = 200
    seed: int = 0
    strict: bool = False
    exact: bool = False
    limit: float = 5.0


class Difference(NamedTuple):
    """A conversation that shows what is wrong, as short as it got.

    `expected` and `got` are the replies to the last line of `witness`; `got` is None where
    none came. `trouble` is its kind where the node cannot be tested on. `message` says
    it in a sentence; `case` names the case that first showed it.
    """

    case: str
    topic: str | None
    witness: tuple[str, ...]
    expected: str | None
    got: str | None
    trouble: Kind | None
    message: str


class Conformance(NamedTuple):
    """What a check came to.

    `fail`: a reply is wrong; `broken`: the node hangs, dies, prints what is no reply, or
    cannot be started. `mutant` is the wrong engine that answers just as it does. `advice`
    holds what is wrong beyond the basic messages, one a topic. `processes` counts those
    started, `asked` the lines sent; `complete` is False where the check was stopped.
    """

    verdict: Verdict
    difference: Difference | None
    mutant: Mutant | None
    advice: tuple[Difference, ...]
    asked: int
    processes: int
    complete: bool


DEFAULT = Terms()


def check(
    command: Sequence[str], terms: Terms = DEFAULT, on_progress: OnProgress = lambda _: True
) -> Conformance:
    """Test the node that `command` starts.

    `on_progress` hears now and then how many lines were asked; if it answers False the check
    ends there, with what was found so far.
    """
    exam = _Exam(command, terms, on_progress)
    try:
        return exam.run()
    finally:
        exam.end()


class _Exam:
    """One check on its way."""

    def __init__(self, command: Sequence[str], terms: Terms, on_progress: OnProgress) -> None:
        self.command, self.terms, self.on_progress = tuple(command), terms, on_progress
        self.ready: deque[Child] = deque()
        self.advice: dict[str, Difference] = {}
        self.cleared: set[str] = set()
        self.asked = self.processes = self.hangs = 0

    def run(self) -> Conformance:
        """Go through the cases up to the first difference that counts."""
        for case in self._cases():
            if not self.on_progress(self.asked):
                return self._report(None, complete=False)
            wrong = self._try(case)
            if wrong is None:
                self._clear(case)
            elif case.topic is None or self.terms.strict:
                return self._report(self._shortest(case, wrong), complete=True)
            else:
                self.hangs += wrong.trouble == "hang"
                self.advice[case.topic] = self._shortest(case, wrong)
        return self._report(None, complete=True)

    def end(self) -> None:
        """End every process that is left."""
        while self.ready:
            self.ready.popleft().kill()

    def _cases(self) -> Iterator[about.Conversation]:
        """Yield what is worth asking: beyond the basic messages, no topic again that failed."""
        for case in self._all_cases():
            again = case.topic in self.advice or self.hangs >= _HANGS
            if case.topic is None or self.terms.strict or not again:
                yield case

    def _all_cases(self) -> Iterator[about.Conversation]:
        yield from about.fixed()
        terms = self.terms
        for first in range(0, terms.cases, TOGETHER):
            numbers = range(first, min(first + TOGETHER, terms.cases))
            yield about.batch(terms.seed, numbers, rollbacks=False)
            if terms.strict or first == 0:
                yield about.batch(terms.seed, numbers, rollbacks=True)

    def _clear(self, case: about.Conversation) -> None:
        """Rule out the mutants that would have failed a case."""
        if case.topic not in {None, "rollback"}:
            return
        lines = [line.decode() for line in case.lines]
        for name, mutant in MUTANTS.items():
            if name not in self.cleared and mutant.shows != "lab" and differs(mutant, lines):
                self.cleared.add(name)

    def _take(self) -> Child:
        """Return a fresh process, and have the next ones start meanwhile."""
        while len(self.ready) < READY:
            self.ready.append(Child(self.command))
            self.processes += 1
        return self.ready.popleft()

    def _try(self, case: about.Conversation) -> Mismatch | None:
        """Have one conversation with a fresh process; return the first difference, or None."""
        terms = self.terms
        try:
            child = self._take()
        except NodeFailed as trouble:
            return Mismatch(0, None, None, trouble.kind, trouble.text)
        self.asked += len(case.lines)
        try:
            wrong = converse(
                child, case.lines, terms.limit, together=case.together, exact=terms.exact
            )
            return wrong or self._leave(child, len(case.lines) - 1)
        finally:
            child.kill()

    def _leave(self, child: Child, last: int) -> Mismatch | None:
        """End a conversation; a bad end without more output is worth advice, no more."""
        if "end of input" in self.advice:
            return None  # it is known not to stop: waiting for it again would take too long
        ending = leave(child, last, min(self.terms.limit, _PATIENCE))
        if ending is None or ending.trouble:
            return ending
        message = f"after the conversation {ending.text}"
        self.advice.setdefault(
            "end of input", Difference("any", "end of input", (), None, None, None, message)
        )
        return None

    def _shortest(self, case: about.Conversation, wrong: Mismatch) -> Difference:
        """Leave out of a conversation what the difference does not need.

        Where the node kept silent, the line after that stays: its reply says so at once.
        """
        end = wrong.position + 1
        silent = case.together and wrong.silent
        lines, after = case.lines[:end], case.lines[end : end + 1] if silent else ()
        sound = _error_free(lines)
        case = case._replace(lines=lines + after, together=bool(after))
        tries, found = _TRIES, (wrong, case.lines)

        def fails(shorter: Sequence[bytes]) -> bool:
            nonlocal tries, found
            asked = (_without_errors(shorter) if sound else tuple(shorter)) + after
            tries -= 1
            if tries < 0 or not asked:
                return False
            again = self._try(case._replace(lines=asked))
            if again is None or again.trouble != wrong.trouble:
                return False
            if again.trouble == "hang":
                tries -= _TRIES // _SLOW_TRIES
            found = again, asked
            return True

        if wrong.trouble != "start":
            shrink(lines, fails)
        return _difference(case, *found)

    def _report(self, difference: Difference | None, *, complete: bool) -> Conformance:
        """Sum up."""
        verdict: Verdict = "pass"
        mutant = None
        if difference is not None:
            verdict = "broken" if difference.trouble else "fail"
            mutant = self._mutant(difference)
        advice = tuple(self.advice.values())
        return Conformance(
            verdict, difference, mutant, advice, self.asked, self.processes, complete
        )

    def _mutant(self, difference: Difference) -> Mutant | None:
        """Return the wrong engine that answers just as the node does."""
        if difference.got is None or difference.trouble:
            return None
        got = value_of(difference.got.encode())
        return behaves_like(difference.witness, got, self.cleared)


def _difference(case: about.Conversation, wrong: Mismatch, lines: Sequence[bytes]) -> Difference:
    """Write a mismatch down, with the lines up to it."""
    witness = lines if case.together else lines[: wrong.position + 1]
    if case.together and wrong.silent:
        wrong = wrong._replace(got=None, text="it keeps silent, and answers the next line")
    return Difference(
        case=case.name,
        topic=case.topic,
        witness=tuple(about.shown(line) for line in witness),
        expected=None if wrong.expected is None else wrong.expected.decode(),
        got=None if wrong.got is None else wrong.got.decode(errors="backslashreplace"),
        trouble=wrong.trouble,
        message=wrong.text,
    )


def _error_free(lines: Sequence[bytes]) -> bool:
    """Whether the right node answers every line with something better than an error."""
    return _without_errors(lines) == tuple(lines)


def _without_errors(lines: Sequence[bytes]) -> tuple[bytes, ...]:
    """Leave out the lines that the right node answers with an error.

    A shorter conversation may restore what it no longer saves; a node may be right in all
    that counts and not know how to refuse that.
    """
    answers = right_answers(lines)
    return tuple(
        line
        for line, answer in zip(lines, answers, strict=True)
        if answer is None or not answer.startswith(b'{"type": "error"')
    )
