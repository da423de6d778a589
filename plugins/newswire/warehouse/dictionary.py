"""The data dictionary, `docs/warehouse.md`: written from the catalog, so that it cannot say what is not there."""

from __future__ import annotations

from itertools import groupby

from newswire.warehouse.connection import Conn

_COLUMNS = """
    SELECT namespace.nspname, relation.relname, relation.relkind, coalesce(obj_description(relation.oid, 'pg_class'), ''),
        attribute.attname, format_type(attribute.atttypid, attribute.atttypmod),
        coalesce(col_description(relation.oid, attribute.attnum), '')
    FROM pg_class AS relation
    JOIN pg_namespace AS namespace ON namespace.oid = relation.relnamespace
    JOIN pg_attribute AS attribute ON attribute.attrelid = relation.oid
    WHERE namespace.nspname IN ('mart', 'news', 'ops') AND relation.relkind IN ('r', 'p', 'v')
        AND NOT relation.relispartition AND attribute.attnum > 0 AND NOT attribute.attisdropped
    ORDER BY namespace.nspname, relation.relname, attribute.attnum
"""
_SCHEMAS = (
    "SELECT nspname, obj_description(oid, 'pg_namespace') FROM pg_namespace WHERE nspname IN ('mart', 'news', 'ops')"
)
_HEAD = """# The warehouse

Written from the catalog by `newswire dictionary`; a test compares the two. How to log in and ask: [for analysts](analysts.md).

**What may change when.** The columns of the schema `mart`, with names, types and meaning, and the arguments and columns of
`mart.search_articles` stay as they are within a major version; new ones come last. What is to go stands in the CHANGELOG for at least
one minor version before it goes. Closed lists (outcomes, causes, kinds) may get new members at any time. `news` and `ops` are the
pipeline's own and may change with every version. `tests/warehouse/promised.txt` lists what is promised, and a test watches it.
"""
_KINDS = {"r": "table", "p": "table, by month", "v": "view"}

Row = tuple[str, str, str, str, str, str, str]


def dictionary(conn: Conn) -> str:
    """The whole dictionary as Markdown."""
    schemas: dict[str, str] = dict(conn.execute(_SCHEMAS).fetchall())
    rows: list[Row] = [tuple(map(_text, row)) for row in conn.execute(_COLUMNS)]  # type: ignore[misc]
    parts = [_HEAD]
    for schema, of_schema in groupby(rows, key=lambda row: row[0]):
        parts.append(f"## Schema `{schema}`\n\n{schemas[schema]}.\n")
        parts += [_relation(list(of_relation)) for _, of_relation in groupby(of_schema, key=lambda row: row[1])]
    return "\n".join(parts)


def _relation(rows: list[Row]) -> str:
    schema, name, kind, comment, *_ = rows[0]
    lines = [f"| `{column}` | {type_} | {meaning} |" for *_, column, type_, meaning in rows]
    head = f"### `{schema}.{name}` ({_KINDS[kind]})\n\n{comment}.\n\n| column | type | meaning |\n|---|---|---|"
    return "\n".join([head, *lines]) + "\n"


def _text(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)
