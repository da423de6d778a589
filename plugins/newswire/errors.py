"""Errors of Newswire. Everyday outcomes are values (see `records.py`); what is here needs somebody to act.

NewswireError
+- ConfigError        a setting or a file of config/ is wrong: names it, the place and the mend
|  +- TopicError      a topic definition
|  +- AlertError      an alert definition
+- RuntimeTrouble     the embedded system cannot start or go on: port, disk, stale process
+- WarehouseError     the database refuses
|  +- MigrationError  a migration is missing, changed or failed
+- ArchiveError       archived bytes are absent or do not match their digest
+- ChildError         a child process that reads a hostile document
   +- ChildKilled     it passed a limit or died: the document is to blame
   +- ChildFailed     it raised an exception
"""

from __future__ import annotations


class NewswireError(Exception):
    """Anything that Newswire reports about itself."""


class ConfigError(NewswireError):
    """A setting or configuration file is wrong."""


class TopicError(ConfigError):
    """A topic definition is wrong: `path:line: problem; mend`."""


class AlertError(ConfigError):
    """An alert definition is wrong: `path:line: problem; mend`."""


class RuntimeTrouble(NewswireError):
    """The embedded system cannot start or go on; the message says what to do."""


class WarehouseError(NewswireError):
    """The database refuses something."""


class MigrationError(WarehouseError):
    """A migration is missing, changed after it was applied, or failed."""


class ArchiveError(NewswireError):
    """Archived bytes are absent or do not match their digest."""


class ChildError(NewswireError):
    """A child process that reads a document did not answer."""


class ChildKilled(ChildError):
    """The child passed a limit of time or memory, or died: the document is to blame."""


class ChildFailed(ChildError):
    """The child raised an exception; the message names it."""
