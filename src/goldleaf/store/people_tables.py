"""The tables of people: who may sign in, how they are known again, and what they are in which project."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from goldleaf.store.tables import metadata

# A person who was removed keeps the row: the name stands on annotations, and nobody else may take it.
users = Table(
    "users",
    metadata,
    Column("name", Text, primary_key=True),
    Column("admin", Boolean, nullable=False),
    Column("password", Text),  # an Argon2 hash; null until an invitation is taken up
    Column("invite", Text, unique=True),  # SHA-256 of the token in an open invitation
    Column("invite_until", Text),
    Column("created_at", Text, nullable=False),
    Column("removed_at", Text),
)

sessions = Table(
    "sessions",
    metadata,
    Column("token", Text, primary_key=True),  # SHA-256: who reads the database cannot sign in with it
    Column("user", ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
    Column("created_at", Text, nullable=False),
    Column("until", Text, nullable=False),
    Index(None, "user"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user", ForeignKey("users.name", ondelete="CASCADE"), nullable=False),
    Column("label", Text, nullable=False),
    Column("token", Text, nullable=False, unique=True),  # SHA-256
    Column("created_at", Text, nullable=False),
    Index(None, "user"),
)

members = Table(
    "members",
    metadata,
    Column("project_id", ForeignKey("projects.id", ondelete="CASCADE"), primary_key=True),
    Column("user", ForeignKey("users.name", ondelete="CASCADE"), primary_key=True),
    Column("role", Text, nullable=False),
    CheckConstraint("role IN ('viewer', 'annotator', 'reviewer', 'owner')", name="role"),
    Index(None, "user"),
)
