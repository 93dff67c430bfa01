"""Test somebody's own node, in any language, and explain the first difference.

The node is a command that reads requests and writes replies. It gets the conversations of
`core/examiner/cases.py`, and the right replies are those of our own node. At the first
difference, the conversation is shrunk to few messages that still show it, and compared with
the mutants: if one gives the same wrong reply, it says which mechanism the node lacks, and
what its author may have believed.

Each conversation begins with a fresh process, which was started while the one before ran.
One process gets several random schedules, each with ids of its own and beginning from the
empty state.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from core.examiner import cases as about
from core.examiner.child import Child, Kind, NodeFailed
from core.examiner.converse import Mismatch, converse, leave, right_answers, value_of
from core.examiner.distinguish import behaves_like, differs
from core.lab.world import OnProgress, to_the_end
from core.mutants import MUTANTS, Mutant
from core.search.shrink import shrink

Verdict = Literal["pass", "fail", "broken"]

READY = 3
"""Processes kept ready: starting one takes longer than a conversation."""
TOGETHER = 20
"""Random schedules in one conversation, and so in one process."""
_TRIES = 150
"""Processes that one shrinking may start."""
_SLOW_TRIES = 5
"""How many of them may hang, as each of these takes the whole time limit."""
_PATIENCE = 1.0
"""Seconds a node has to exit after the end of its input."""
_HANGS = 3
"""After so many hangs in conversations with a topic, no more of these are tried."""


class Terms(NamedTuple):
    """How strictly a node is tested.

    `cases`: how many random schedules, drawn with `seed`. `strict`: what goes beyond the four
    basic messages must be right, too. `exact`: replies are compared as bytes, not as JSON (the
    text of an error may be any). `limit`: seconds for each reply.
    """

    cases: int = 200
    seed: int = 0
    strict: bool = False
    exact: bool = False
    limit: float = 5.0


class Difference(NamedTuple):
    """A wrong reply, with a short conversation (`witness`) that leads to it.

    `expected` is the right reply and `got` the node's; `got` is None if none came. `trouble`
    says how the node failed if it cannot be tested any further. `message` is a sentence that
    says what is wrong; `case` names the conversation that first showed it.
    """

    case: str
    topic: str | None
    witness: tuple[str, ...]
    expected: str | None
    got: str | None
    trouble: Kind | None
    message: str


class Conformance(NamedTuple):
    """The result of a check.

    `verdict` is `fail` if a reply is wrong, and `broken` if the node hangs, dies, writes what
    is not a reply, or cannot be started. `mutant` is the wrong engine with the same wrong reply,
    if there is one. `advice` has the first difference in each topic beyond the basic messages.
    `asked` is how many lines were sent, `processes` how many were started; `complete` is False
    if the check was stopped.
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
    command: Sequence[str], terms: Terms = DEFAULT, on_progress: OnProgress = to_the_end
) -> Conformance:
    """Test the node that `command` (a program and its arguments) starts.

    `on_progress` is called before each conversation with the number of lines sent; if it
    returns False the check ends there, and what was found so far is returned. A node that
    fails raises nothing.
    """
    exam = _Exam(command, terms, on_progress)
    try:
        return exam.run()
    finally:
        exam.end()


class _Exam:
    """The state of one check while it runs."""

    def __init__(self, command: Sequence[str], terms: Terms, on_progress: OnProgress) -> None:
        self.command, self.terms, self.on_progress = tuple(command), terms, on_progress
        self.ready: deque[Child] = deque()
        self.advice: dict[str, Difference] = {}
        self.cleared: set[str] = set()
        self.asked = self.processes = self.hangs = 0

    def run(self) -> Conformance:
        """Have the conversations, up to the first difference that counts."""
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
        """Kill every process that is kept ready."""
        while self.ready:
            self.ready.popleft().kill()

    def _cases(self) -> Iterator[about.Conversation]:
        """Yield the conversations, without those of a topic that has failed already."""
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
        """Rule out the mutants that would have failed in a conversation that passed."""
        if case.topic not in {None, "rollback"}:
            return
        lines = [line.decode() for line in case.lines]
        for name, mutant in MUTANTS.items():
            if name not in self.cleared and mutant.shows != "lab" and differs(mutant, lines):
                self.cleared.add(name)

    def _take(self) -> Child:
        """Return a fresh process, and start others to be ready. Raises NodeFailed."""
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
        """End a conversation; return a mismatch if the node wrote more than it was asked for.

        If it only does not exit rightly, that is noted as advice.
        """
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
        """Shrink a conversation to the lines that the difference needs.

        If the node did not reply to the last line, the line behind it stays: its reply shows
        the silence at once, without a wait.
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
        """Return the result."""
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
        """Return the mutant that gives the same wrong reply as the node, if there is one."""
        if difference.got is None or difference.trouble:
            return None
        got = value_of(difference.got.encode())
        return behaves_like(difference.witness, got, self.cleared)


def _difference(case: about.Conversation, wrong: Mismatch, lines: Sequence[bytes]) -> Difference:
    """Return a mismatch as a difference, with the lines that lead to it."""
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
    """Whether the right node answers no line with an error."""
    return _without_errors(lines) == tuple(lines)


def _without_errors(lines: Sequence[bytes]) -> tuple[bytes, ...]:
    """Leave out the lines that the right node answers with an error.

    When lines are left out, a restore may lose its checkpoint. A node may be right in all that
    counts and still not answer that with an error.
    """
    answers = right_answers(lines)
    return tuple(
        line
        for line, answer in zip(lines, answers, strict=True)
        if answer is None or not answer.startswith(b'{"type": "error"')
    )
