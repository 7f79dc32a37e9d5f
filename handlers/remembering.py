"""A conversation's memory to and from its sealed row."""

from __future__ import annotations

from pydantic import TypeAdapter

from handlers.messages import Memory
from handlers.session import Session
from storage.plan import Record

_MEMORY = TypeAdapter(Memory)
_BLANK = Memory()
COLUMN = "conversations.memory_sealed"


def recall(session: Session, conversation: Record) -> Memory:
    """Where the conversation stands."""
    if conversation.memory_sealed is None:
        return _BLANK
    return _MEMORY.validate_python(session.vault.open_json(COLUMN, conversation.id, conversation.memory_sealed))


def remember(session: Session, conversation: Record, memory: Memory) -> None:
    """Keep where it stands now; a blank memory leaves nothing behind."""
    conversation.state = memory.state
    conversation.touched_at = session.moment.real
    if memory == _BLANK:
        conversation.memory_sealed = None
        return
    plain = _MEMORY.dump_python(memory, mode="json")
    conversation.memory_sealed = session.vault.seal_json(COLUMN, conversation.id, plain)


def forget(inbox: Record) -> None:
    """Mark an event as not done: it runs again."""
    inbox.state = "failed"
