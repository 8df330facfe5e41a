"""The templates that people use: those that come with the package, and those they saved."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from secretflow_worker.orchestrator.errors import Conflict, Forbidden, NotFound
from secretflow_worker.orchestrator.services.sign_in import Caller
from secretflow_worker.orchestrator.services.template_documents import (
    Template,
    built_in,
    parse_template,
    render_template,
)
from secretflow_worker.orchestrator.store.accounts import Role
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.templates import templates as table


class Templates:
    """The templates of a database, and the built-in ones."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    def list(self) -> list[Template]:
        """Return all templates: the built-in ones, then the saved ones by name."""
        with self._database.reading() as connection:
            saved = connection.execute(select(table.c.template).order_by(table.c.name)).scalars()
            return [*built_in().values(), *(parse_template(each) for each in saved)]

    def get(self, name: str) -> Template:
        """Return a template.

        Raises:
            NotFound: no such template.
        """
        if name in built_in():
            return built_in()[name]
        with self._database.reading() as connection:
            query = select(table.c.template).where(table.c.name == name)
            found = connection.execute(query).scalar()
        if found is None:
            raise NotFound(f"there is no template {name[:64]}")
        return parse_template(found)

    def save(self, document: object, *, by: str) -> Template:
        """Keep a new template.

        Raises:
            Invalid: with every fault of its shape.
            Conflict: its name is taken.
        """
        template = parse_template(document)
        if template.name in built_in():
            raise Conflict(f"{template.name} is a template that comes with the package")
        row = {
            "name": template.name,
            "template": template.model_dump(mode="json", exclude_unset=True),
            "created_at": self._clock(),
            "created_by": by,
        }
        try:
            with self._database.transaction() as connection, connection.begin_nested():
                connection.execute(insert(table).values(row))
        except IntegrityError:
            raise Conflict(
                f"there is a template {template.name} already", hint="Delete it, or rename yours."
            ) from None
        return template

    def delete(self, name: str, caller: Caller) -> None:
        """Delete a saved template; chains that were made of it stay.

        Others may rely on what a name stands for, so nobody else can put something in its place.

        Raises:
            NotFound: no such template.
            Forbidden: it comes with the package, or is another user's and the caller no admin.
        """
        if name in built_in():
            raise Forbidden(f"{name} comes with the package and cannot be deleted")
        with self._database.transaction() as connection:
            owner = select(table.c.created_by).where(table.c.name == name).with_for_update()
            by = connection.execute(owner).scalar()
            if by is None:
                raise NotFound(f"there is no template {name[:64]}")
            if by != caller.name and caller.role is not Role.ADMIN:
                raise Forbidden(f"template {name} is of another user")
            connection.execute(delete(table).where(table.c.name == name))

    def render(self, name: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the chain document that a template makes of values.

        Raises:
            NotFound: no such template.
            Invalid: with every value that does not fit.
        """
        return render_template(self.get(name), values)
