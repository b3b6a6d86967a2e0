"""How the rows and links of a recorded change are now."""

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from peewee import Field, chunked

from models.db.described import plain, recorded_fields
from models.db.opened import opened
from models.db.statements import BATCH, one_of, tuples
from models.db.tables import EntityRule, Group, GroupRole, Membership, Role, Rule, ShopTable, User, link_fields

Model = type[ShopTable]
Values = Mapping[str, Any]
Pair = tuple[int, int]


def read_rows(model: Model, ids: Collection[int]) -> dict[int, Values]:
    """The rows as records describe them, by id."""
    fields, found = recorded_fields(model), dict[int, Values]()
    for batch in chunked(sorted(ids), BATCH):
        for id, *values in tuples(model.select(model.id, *fields).where(one_of(model.id, batch))):
            found[id] = {field.column_name: plain(value) for field, value in zip(fields, values, strict=True)}
    return found


def stored_links(model: Model, pairs: Collection[Pair]) -> set[Pair]:
    """Those of the links that are there."""
    group, other = link_fields(model)
    wanted, groups, found = set(pairs), {id for id, _ in pairs}, set[Pair]()
    for batch in chunked(sorted({id for _, id in pairs}), BATCH):
        query = model.select(group, other).where(one_of(group, groups), one_of(other, batch))
        found |= wanted.intersection(tuples(query))
    return found


def added_to_group(id: int, known: Collection[tuple[Model, Any]]) -> Iterator[tuple[str, list[str]]]:
    """What a group has beside the known links, each as its model and ids: which kind, and their names."""
    for model, name, kind in (Membership, User.email, "users"), (GroupRole, Role.name, "roles"):
        yield kind, _names(model, name, model._meta.fields["group"] == id, known)


def added_to_role(id: int, known: Collection[tuple[Model, Any]]) -> Iterator[tuple[str, list[str]]]:
    """What a role has beside the known links, rules and data rules."""
    yield "groups", _names(GroupRole, Group.name, GroupRole.role == id, known)
    rules = Rule.select(Rule.id, Rule.bundle, Rule.controller, Rule.action).where(Rule.role == id)
    yield "rules", sorted("/".join(parts) for rule, *parts in tuples(rules) if (Rule, rule) not in known)
    if EntityRule in opened().neighbours:
        found = tuples(EntityRule.select(EntityRule.id, EntityRule.entity).where(EntityRule.role == id))
        yield "data rules", sorted(entity for rule, entity in found if (EntityRule, rule) not in known)


def _names(model: Model, name: Field, condition: Any, known: Collection[tuple[Model, Any]]) -> list[str]:
    query = model.select(*link_fields(model), name).join(name.model).where(condition)
    return sorted(linked for *pair, linked in tuples(query) if (model, tuple(pair)) not in known)
