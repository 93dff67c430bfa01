"""The node a student would write: the yardstick of `node_speed.py`, not an example.

One line, one `json.loads`, one flushed `print`; a checkpoint copies everything. It takes
good requests for granted, and its counts may change their order on a rollback.
"""

import json
import sys

Fields = dict[str, object]
Output = tuple[str, str, int]
State = tuple[dict[str, int], set[str], list[Output]]


class NaiveNode:
    """Counts, seen ids, pending and committed outputs, and copies of the first three."""

    def __init__(self) -> None:
        """Start empty."""
        self.counts: dict[str, int] = {}
        self.seen: set[str] = set()
        self.pending: list[Output] = []
        self.sink: list[Output] = []
        self.sent: set[str] = set()
        """Ids in the sink. Only a restore makes an event of the sink new again, so it
        is built there: a set that every commit fills would cost memory for nothing."""
        self.checkpoints: dict[str, State] = {}

    def answer(self, body: dict[str, str]) -> Fields:
        """Serve one request; return the fields of its reply."""
        match body["type"]:
            case "process":
                fields = self.process(body["event_id"], body["word"])
            case "checkpoint":
                name = body["checkpoint_id"]
                self.checkpoints[name] = (self.counts.copy(), self.seen.copy(), self.pending.copy())
                fields = {"type": "checkpoint_saved", "checkpoint_id": name}
            case "restore":
                fields = self.restore(body["checkpoint_id"])
            case "commit":
                fields = {"type": "committed", "output_count": len(self.pending)}
                self.sink.extend(self.pending)
                self.pending.clear()
            case "rollback":
                fields = self.rollback()
            case "init":
                fields = {"type": "init_ok"}
            case other:
                fields = {"type": "error", "code": 10, "text": f"unknown type {other}"}
        return fields

    def process(self, event_id: str, word: str) -> Fields:
        """Count the event, unless it was seen."""
        was_duplicate = event_id in self.seen
        if not was_duplicate:
            self.seen.add(event_id)
            self.counts[word] = self.counts.get(word, 0) + 1
            if event_id not in self.sent:
                self.pending.append((event_id, word, self.counts[word]))
        count = self.counts.get(word, 0)
        return {"type": "processed", "word": word, "count": count, "was_duplicate": was_duplicate}

    def restore(self, name: str) -> Fields:
        """Copy a checkpoint back, without the outputs the sink has by now."""
        if name not in self.checkpoints:
            return {"type": "error", "code": 20, "text": f"no checkpoint {name}"}
        counts, seen, pending = self.checkpoints[name]
        self.sent = {event_id for event_id, _, _ in self.sink}
        self.counts, self.seen = counts.copy(), seen.copy()
        self.pending = [output for output in pending if output[0] not in self.sent]
        return {"type": "restored", "counts": self.counts}

    def rollback(self) -> Fields:
        """Discard the pending outputs and take their events back."""
        discarded = len(self.pending)
        for event_id, word, _ in self.pending:
            self.seen.remove(event_id)
            self.counts[word] -= 1
            if not self.counts[word]:
                del self.counts[word]
        self.pending.clear()
        return {"type": "rolled_back", "output_count": discarded}


def main() -> None:
    """Answer standard input, line by line."""
    node = NaiveNode()
    for line in sys.stdin:
        message = json.loads(line)
        body = message.get("body", message)
        fields = node.answer(body)
        reply = {"type": fields.pop("type"), "in_reply_to": body.get("msg_id"), **fields}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    main()
