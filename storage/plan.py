"""Plan-then-write: what a transaction has read and will write, held in memory until one executemany per table.

A `Record` is one row. Records are shared within the transaction (identity map), so the second message of a person sees
what the first one did without a round trip. `mark` and `rollback` undo what a failed step changed; `flush` writes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Connection, Executable, Insert, Row, Table, Update, bindparam, insert, select, update
from sqlalchemy.sql import Select
from sqlalchemy.sql.util import find_tables
from sqlmodel import SQLModel

from storage import bulk

Model = type[SQLModel]

#: FOR NO KEY UPDATE, as an UPDATE takes it. FOR UPDATE would also stop whoever writes a row that refers to this one
#: (a page about a case), in no order at all, so that two processes could wait for each other.
_LOCK: dict[str, Any] = {"key_share": True}


class Postponed(Exception):  # noqa: N818 - no error: the job opens the next batch
    """Another process holds the row `key`, which this job needs; it opens the next batch and waits for it there."""

    def __init__(self, model: Model, key: Any) -> None:
        super().__init__(key)
        self.model = model
        self.key = key


class Record:
    """One row, its columns as attributes. A new one is inserted whole; of a loaded one only what changed is written.

    The columns are the object's own attributes: they are read a hundred times for each step that is due. Of one that
    is called like a slot (`key` of table work) only `values` tells.
    """

    __slots__ = ("__dict__", "_journal", "key", "new", "stored", "table")

    table: Table
    key: Any
    new: bool
    #: What the database has in the columns in which this record differs from it.
    stored: dict[str, Any]
    _journal: list[_Change]

    def __init__(self, table: Table, values: dict[str, Any], journal: list[_Change], *, new: bool) -> None:
        _set_values(self, values)
        _set_table(self, table)
        _set_new(self, new)
        _set_key(self, values[key_of(table)])
        _set_stored(self, {})
        _set_journal(self, journal)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    @property
    def values(self) -> dict[str, Any]:
        """All columns by name."""
        return self.__dict__

    def __setattr__(self, name: str, value: Any) -> None:
        before = self.__dict__[name]
        if before != value:
            self._journal.append((self, name, before))
            self.put(name, value)

    def put(self, name: str, value: Any) -> None:
        """Set a column without a note in the journal."""
        values = self.__dict__
        stored = self.stored.pop(name, values[name])
        values[name] = value
        if stored != value:
            self.stored[name] = stored

    def refresh(self, row: Mapping[str, Any]) -> None:
        """Take the row as it is now, but for what was changed here."""
        self.__dict__.update({name: value for name, value in row.items() if name not in self.stored})

    def finished(self, before: Mapping[str, Any]) -> dict[str, Any]:
        """The columns that differ from the database, by name, but for what an unfinished step did to those in
        `before`."""
        values = self.__dict__
        if not before:
            return {name: values[name] for name in sorted(self.stored)}
        known = {name: before.get(name, values[name]) for name in sorted({**before, **self.stored})}
        return {n: v for n, v in known.items() if v != self.stored.get(n, values[n])}

    def settle(self, unfinished: Mapping[str, Any]) -> None:
        """Called when the row is in the database as it stands here, the `unfinished` columns with these values."""
        _set_stored(self, {n: v for n, v in unfinished.items() if v != self.__dict__[n]} if unfinished else {})
        _set_new(self, False)


class _Part(Record):
    """A locked row of which only some columns were read. Whoever asks for another one has the rest read first."""

    __slots__ = ("_connection",)

    _connection: Connection

    def __init__(self, table: Table, values: dict[str, Any], journal: list[_Change], connection: Connection) -> None:
        super().__init__(table, values, journal, new=False)
        _set_connection(self, connection)

    def __getattr__(self, name: str) -> Any:
        if name not in self.table.columns:
            raise AttributeError(name)
        return self.values[name]

    def __setattr__(self, name: str, value: Any) -> None:
        if name not in self.__dict__:
            self._complete()
        super().__setattr__(name, value)

    @property
    def values(self) -> dict[str, Any]:
        if len(self.__dict__) < len(self.table.columns):
            self._complete()
        return self.__dict__

    def _complete(self) -> None:
        """What was read stays as it is: it may have been changed here. The rest nobody else can change meanwhile."""
        row = self._connection.execute(_by_key_in(self.table), {"key": self.key}).one()
        for name, value in row._mapping.items():
            self.__dict__.setdefault(name, value)


def _setter(slot: str, of: type[Record] = Record) -> Callable[[Record, Any], None]:
    """What sets a slot past the journal, at half the price of object.__setattr__: a batch makes very many records."""
    setter: Callable[[Record, Any], None] = vars(of)[slot].__set__
    return setter


_set_values, _set_table, _set_new = _setter("__dict__"), _setter("table"), _setter("new")
_set_key, _set_stored, _set_journal = _setter("key"), _setter("stored"), _setter("_journal")
_set_connection = _setter("_connection", _Part)
#: A record, the column that was set (None: the record itself was added), and what was there before.
_Change = tuple[Record, str | None, Any]
#: So many rows are worth a look at which columns they fill: each set of columns is a statement of its own.
_MANY = 50
_NOTHING: dict[str, Any] = {}
#: By table and key: columns, and the values they had before.
_Before = dict[tuple[str, Any], dict[str, Any]]


#: Rows by the parameters that ask for them.
_Answers = dict[frozenset[tuple[str, Any]], Sequence[Row[Any]]]


class Plan:
    """The reads and pending writes of one transaction."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self._writes_alone = connection.dialect.name == "sqlite"
        self._records: defaultdict[str, dict[Any, Record]] = defaultdict(dict)
        self._of_ticket: dict[str, defaultdict[int, dict[Any, Record]]] = {}
        self._answers: dict[Executable, _Answers] = {}
        self._held: set[tuple[str, Any]] = set()
        self._touched: dict[str, dict[Any, Record]] = {}
        self._journal: list[_Change] = []
        self._settled = 0
        self.added: list[Record] = []

    def add(self, model: Model, **values: Any) -> Record:
        """Plan a new row; columns left out are empty or the model's default."""
        table = table_of(model)
        record = Record(table, {**_defaults(model), **values}, self._journal, new=True)
        self._journal.append((record, None, None))
        return self._know(record)

    def _know(self, record: Record) -> Record:
        name = record.table.name
        self._records[name][record.key] = record
        if name in self._of_ticket:
            self._of_ticket[name][record.ticket_id][record.key] = record
        return record

    def _forget(self, record: Record) -> None:
        name = record.table.name
        del self._records[name][record.key]
        if name in self._of_ticket:
            self._of_ticket[name][record.ticket_id].pop(record.key, None)

    def keep(self, model: Model, row: Mapping[str, Any]) -> Record:
        """Take a row that was read into the identity map; what is already there is newer and wins."""
        table = table_of(model)
        return self._keep(table, dict(row))

    def _keep(self, table: Table, row: dict[str, Any]) -> Record:
        known = self._records[table.name].get(row[key_of(table)])
        return known or self._know(self._loaded(table, row))

    def _loaded(self, table: Table, row: dict[str, Any]) -> Record:
        return Record(table, row, self._journal, new=False)

    def known(self, model: Model, key: Any) -> Record | None:
        """The record of a row that this transaction has already read or added."""
        return self._records[table_of(model).name].get(key)

    def records(self, model: Model) -> Iterator[Record]:
        """Every record of a table that is in memory."""
        return iter(list(self._records[table_of(model).name].values()))

    def records_of(self, model: Model, ticket: int) -> list[Record]:
        """The records in memory of a table whose rows stay with the case that they were made for."""
        name = table_of(model).name
        if name not in self._of_ticket:  # kept only of tables for which somebody asks: most rows are only written
            self._of_ticket[name] = defaultdict(dict)
            for record in self._records[name].values():
                self._of_ticket[name][record.ticket_id][record.key] = record
        return list(self._of_ticket[name][ticket].values())

    def rows(self, statement: Executable, parameters: Mapping[str, Any] | None = None) -> list[Row[Any]]:
        """Run a read; pending rows of the tables that it reads are written first (the whole plan)."""
        self._write_before(statement)
        known = self._answers.get(statement)
        found = known.get(frozenset((parameters or {}).items())) if known is not None else None
        return list(self.connection.execute(statement, dict(parameters or {})).all() if found is None else found)

    def _write_before(self, statement: Executable) -> None:
        if self._touched and self._pending(_names_in(statement)):
            self.flush()

    def answer(self, statement: Executable, parameters: Mapping[str, Any], rows: Sequence[Row[Any]]) -> None:
        """Say what `rows` would find: one read has brought the answers to many. They hold until something is written.

        Only for what may be as old as the transaction: never for what is read behind a lock.
        """
        self._answers.setdefault(statement, {})[frozenset(parameters.items())] = rows

    def fetch(self, model: Model, statement: Select[Any], parameters: Mapping[str, Any] | None = None) -> list[Record]:
        """Like `rows`, for whole rows of one table, through the identity map."""
        found = self.rows(statement, parameters)
        return [self._keep(table_of(model), row) for row in _by_name(found)] if found else []

    def of_case(self, model: Model, statement: Select[Any], ticket: Record) -> list[Record]:
        """The rows of a case: those that `statement` finds by its `ticket`, and those that this transaction adds."""
        stored = () if ticket.new else self.fetch(model, statement, {"ticket": ticket.id})
        planned = self.records_of(model, ticket.id)
        if not stored:
            return planned
        return list({record.key: record for record in (*stored, *planned)}.values())

    def one(self, model: Model, key: Any) -> Record | None:
        """The row with this primary key, read if it is not in memory yet."""
        known = self.known(model, key)
        if known is not None:
            return known
        found = self.fetch(model, _by_key(model), {"key": key})
        return found[0] if found else None

    def locked(self, model: Model, key: Any) -> Record | None:
        """The row with this primary key, locked and as it is now. Raises Postponed when another process holds it.

        SKIP LOCKED instead of NOWAIT: a refusal must not abort what the batch has decided so far.
        """
        known = self.known(model, key)
        if known is not None and self._is_held(known):
            return known
        rows = _by_name(self.rows(_by_key_locked(model), {"key": key}))
        if rows:
            self._hold(table_of(model), rows)
            return self.known(model, key)
        if self.rows(_by_key(model), {"key": key}):
            raise Postponed(model, key)
        return None

    def _is_held(self, record: Record) -> bool:
        """Whether nobody else can change the row: ours by insert or lock, or SQLite, where only one writes at all."""
        return record.new or self._writes_alone or (record.table.name, record.key) in self._held

    def _hold(self, table: Table, rows: Sequence[dict[str, Any]]) -> None:
        """Remember that rows are locked; what was read of one before the lock may be old and is read again."""
        records, key = self._records[table.name], key_of(table)
        whole = len(rows[0]) == len(table.columns)
        for row in rows:
            known = records.get(row[key])
            if known is None:
                self._know(self._loaded(table, row) if whole else _Part(table, row, self._journal, self.connection))
            else:
                known.refresh(row)
        self._held.update((table.name, row[key]) for row in rows)

    def lock_all(self, model: Model, keys: Iterable[Any], columns: tuple[str, ...] = ()) -> None:
        """Lock and load rows by id, in the order of their ids (the same in every process: no deadlock).

        `columns`: all that most of them will be asked for, the key among them; of who is asked for more the rest is
        read then. Reading and converting what nobody looks at is most of what a case costs.
        """
        wanted = sorted({key for key in keys if not ((known := self.known(model, key)) and self._is_held(known))})
        if wanted:
            seen = any(self.known(model, key) for key in wanted)  # before the lock: every column of those may be old
            table, statement = table_of(model), _by_keys_locked(model, () if seen else columns)
            self._write_before(statement)
            self._hold(table, bulk.read(self.connection, table, statement, {"keys": wanted}))

    def mark(self) -> int:
        """A point to roll back to."""
        self._absorb()
        return len(self._journal)

    def rollback(self, mark: int) -> None:
        """Undo every change since `mark`: a step that raises joins nothing."""
        self._settled = min(self._settled, mark)
        while len(self._journal) > mark:
            record, name, before = self._journal.pop()
            touched = self._touched.setdefault(record.table.name, {})
            if name is None:
                assert record.new, "A row that is in the database cannot be forgotten."
                self._forget(record)
                touched.pop(record.key, None)
            else:
                record.put(name, before)
                touched[record.key] = record  # a read may have written what is taken back here

    def _pending(self, names: frozenset[str]) -> bool:
        return any(self._touched.get(name) for name in names)

    def _absorb(self) -> None:
        """Take what finished steps changed into what `flush` will write."""
        for record in {id(record): record for record, _, _ in self._journal[self._settled :]}.values():
            self._touched.setdefault(record.table.name, {})[record.key] = record
        self._settled = len(self._journal)

    def flush(self) -> None:
        """Write what finished steps changed: inserts in the order of foreign keys, then updates, sorted by key.

        Of a row that an unfinished step has changed, the values from before that step.
        """
        touched, self._touched = self._touched, {}
        self._answers.clear()
        tables = [table for table in _in_order() if table.name in touched] if touched else []
        before = self._before_unfinished() if tables else {}
        for table in tables:
            self._insert(table, touched[table.name], before)
        for table in tables:
            self._update(table, touched[table.name], before)

    def _before_unfinished(self) -> _Before:
        """What the unfinished step has changed so far, and what it found there."""
        found: _Before = {}
        for record, name, before in self._journal[self._settled :]:
            if name is not None:
                found.setdefault((record.table.name, record.key), {}).setdefault(name, before)
        return found

    def _insert(self, table: Table, records: dict[Any, Record], before: _Before) -> None:
        new = [record for _, record in sorted(records.items()) if record.new]
        if not new:
            return
        key = key_of(table)
        unfinished = {place: found for (name, place), found in before.items() if name == table.name}
        rows = [record.values for record in new]
        columns = _columns([{**row, **unfinished.get(row[key], _NOTHING)} for row in rows] if unfinished else rows)
        bulk.write(self.connection, _insert_into(table), columns if len(new) < _MANY else _filled(table, columns))
        for record in new:
            record.settle(unfinished.get(record.key, _NOTHING))
        self._held.update((table.name, record.key) for record in new)
        self.added += new

    def _update(self, table: Table, records: dict[Any, Record], before: _Before) -> None:
        by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for key, record in sorted(records.items()):
            found = before.get((table.name, key), _NOTHING) if before else _NOTHING
            changed = record.finished(found)
            if changed:
                by_columns.setdefault(tuple(changed), []).append({**changed, _KEY: key})
            if found or record.stored:
                record.settle(found)
        for columns, rows in by_columns.items():
            bulk.write(self.connection, _update_of(table, columns), _columns(rows))

    def close(self) -> list[Record]:
        """Write everything that is left; returns the records that this transaction added."""
        self._absorb()
        self.flush()
        self._journal.clear()  # it and its records hold each other: without this they would wait for the collector
        self._settled = 0
        return self.added


def _by_name(rows: Sequence[Row[Any]]) -> list[dict[str, Any]]:
    """Rows of one statement by the names of their columns, which each row would put together anew: 19 us, so 1.3."""
    names = rows[0]._fields if rows else ()
    return [dict(zip(names, row, strict=True)) for row in rows]


def table_of(model: Model) -> Table:
    """The table of a model class."""
    return model.__table__  # type: ignore[attr-defined, no-any-return]


@cache
def _in_order() -> tuple[Table, ...]:
    """Every table behind those that it refers to; sorting them anew for each write costs more than the write."""
    return tuple(SQLModel.metadata.sorted_tables)


@cache
def key_of(table: Table) -> str:
    """The name of a table's primary key column."""
    (column,) = table.primary_key.columns
    return column.name


@cache
def sealed_in(table: Table) -> tuple[str, ...]:
    """The columns of a table that hold ciphertext."""
    return tuple(column.name for column in table.columns if column.name.endswith("_sealed"))


@cache
def _defaults(model: Model) -> dict[str, Any]:
    fields = model.model_fields
    return {c.name: None if (f := fields[c.name]).is_required() else f.get_default() for c in table_of(model).columns}


def _by_key(model: Model) -> Select[Any]:
    return _by_key_in(table_of(model))


@cache
def _by_key_in(table: Table) -> Select[Any]:
    return select(table).where(table.c[key_of(table)] == bindparam("key"))


@cache
def _by_key_locked(model: Model) -> Select[Any]:
    return _by_key(model).with_for_update(skip_locked=True, **_LOCK)


@cache
def _by_keys_locked(model: Model, columns: tuple[str, ...]) -> Select[Any]:
    """Of whole rows, or of some columns only."""
    table = table_of(model)
    key = table.c[key_of(table)]
    found = select(*(table.c[name] for name in columns)) if columns else select(table)
    return found.where(key.in_(bindparam("keys", expanding=True))).order_by(key).with_for_update(**_LOCK)


def _columns(rows: Sequence[dict[str, Any]]) -> dict[str, Sequence[Any]]:
    """The same rows as columns by name; all have those of the first."""
    return {name: list(map(itemgetter(name), rows)) for name in rows[0]}


def _filled(table: Table, columns: dict[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
    """Without the columns that stay empty in all rows: binding those is a third of what an insert costs.

    Empty is not left out where it would be filled by itself, and in JSON, where it is a value.
    """
    return {name: kept for name, kept in columns.items() if name in _kept(table) or kept.count(None) < len(kept)}


@cache
def _kept(table: Table) -> frozenset[str]:
    filled = (c for c in table.columns if c.server_default is not None or c.default is not None)
    return frozenset(c.name for c in (*filled, *(c for c in table.columns if isinstance(c.type, JSON))))


@cache
def _insert_into(table: Table) -> Insert:
    return insert(table).inline()


#: The parameter that names the row of an update: no column is called so.
_KEY = "key_"


@cache
def _update_of(table: Table, columns: tuple[str, ...]) -> Update:
    values = {column: bindparam(column, type_=table.c[column].type) for column in columns}
    return update(table).where(table.c[key_of(table)] == bindparam(_KEY)).values(values)


@lru_cache(maxsize=256)  # most statements are built once, but a list for one actor is a new one each time
def _names_in(statement: Executable) -> frozenset[str]:
    tables = find_tables(statement, include_joins=True, include_selects=True, include_aliases=True)  # type: ignore[arg-type]
    return frozenset(table.name for table in tables if isinstance(table, Table))
