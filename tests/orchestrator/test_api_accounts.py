"""Users, links, sessions, tokens and the audit log, on both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest
from sqlalchemy import delete, select, update

from secretflow_worker.orchestrator.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    TooManyAttempts,
    Unauthenticated,
)
from secretflow_worker.orchestrator.services import credentials
from secretflow_worker.orchestrator.services import sign_in as rules
from secretflow_worker.orchestrator.services.accounts import Accounts
from secretflow_worker.orchestrator.services.credentials import digest_of
from secretflow_worker.orchestrator.services.sign_in import Caller, SignIn, is_csrf_token
from secretflow_worker.orchestrator.services.tokens import Tokens
from secretflow_worker.orchestrator.store import accounts as a
from secretflow_worker.orchestrator.store import audit
from secretflow_worker.orchestrator.store.accounts import Role
from secretflow_worker.orchestrator.store.database import Database
from tests.conftest import eventually

PASSWORD = "a long enough password"


class People:
    """The services over one database, at a time that tests set."""

    def __init__(self, database: Database) -> None:
        self.now = 1_000_000.0
        self.database = database
        self.accounts = Accounts(database, 3600, self.clock)
        self.sign_in = SignIn(database, 3600, self.clock)
        self.tokens = Tokens(database, self.clock)

    def clock(self) -> float:
        return self.now

    def admin(self) -> Caller:
        link = self.accounts.begin()
        assert link is not None
        return self.sign_in.with_link(link, "here").caller


@pytest.fixture
def people(database: Database) -> People:
    return People(database)


def test_first_start_makes_an_admin_with_a_link_and_no_password(people: People) -> None:
    first, second = people.accounts.begin(), people.accounts.begin()
    assert first is not None
    assert second is not None
    with pytest.raises(Unauthenticated):
        people.sign_in.with_link(first, "here")
    session = people.sign_in.with_link(second, "here")
    assert (session.caller.name, session.caller.role) == ("admin", Role.ADMIN)
    with pytest.raises(Unauthenticated):
        people.sign_in.with_password("admin", "", "here")
    people.accounts.set_password("admin", PASSWORD, keep=session.caller.session)
    assert people.accounts.begin() is None
    assert people.sign_in.by_session(session.secret) == session.caller
    assert people.sign_in.with_password("admin", PASSWORD, "here").caller.role is Role.ADMIN


def test_a_link_is_good_once_and_not_for_long(people: People) -> None:
    link = people.accounts.begin()
    assert link is not None
    people.now += 3601
    with pytest.raises(Unauthenticated):
        people.sign_in.with_link(link, "here")
    link = people.accounts.begin()
    assert link is not None
    with ThreadPoolExecutor(4) as pool:
        tries = [pool.submit(people.sign_in.with_link, link, "here") for _ in range(4)]
    faults = [attempt.exception() for attempt in tries]
    assert sum(fault is None for fault in faults) == 1
    assert all(isinstance(fault, Unauthenticated) for fault in faults if fault is not None)


def test_nothing_that_proves_anything_is_stored(people: People) -> None:
    caller = people.admin()
    people.accounts.set_password("admin", PASSWORD, keep=None)
    session = people.sign_in.with_password("admin", PASSWORD, "here")
    _, secret = people.tokens.create(caller, "ci", Role.VIEWER, None)
    link = people.accounts.create("bob", Role.VIEWER, by="admin")
    with people.database.reading() as connection:
        stored = [
            str(row)
            for table in (a.users, a.api_tokens, a.sessions, a.sign_in_links, audit.audit)
            for row in connection.execute(select(table))
        ]
    for known in (PASSWORD, session.secret, session.csrf_token, secret, link):
        assert not any(known in row for row in stored)


@pytest.mark.parametrize("password", ["", "short", "x" * 257])
def test_a_bad_password_is_refused(people: People, password: str) -> None:
    people.admin()
    with pytest.raises(Invalid, match="12 to 256"):
        people.accounts.set_password("admin", password, keep=None)


def test_a_session_ends_by_time_by_hand_and_with_its_user(people: People) -> None:
    admin = people.admin()
    link = people.accounts.create("bob", Role.VIEWER, by="admin")
    bob = people.sign_in.with_link(link, "there")
    people.accounts.change("bob", role=None, is_disabled=True, by="admin")
    with pytest.raises(Unauthenticated):
        people.sign_in.by_session(bob.secret)
    with pytest.raises(NotFound):
        people.accounts.make_link("bob", by="admin")
    people.accounts.change("bob", role=None, is_disabled=False, by="admin")
    again = people.sign_in.with_link(people.accounts.make_link("bob", by="admin"), "there")
    people.sign_in.end(again.caller)
    with pytest.raises(Unauthenticated):
        people.sign_in.by_session(again.secret)
    late = people.sign_in.with_link(people.accounts.make_link("bob", by=admin.name), "there")
    people.now += 3601
    with pytest.raises(Unauthenticated):
        people.sign_in.by_session(late.secret)


def test_there_is_always_an_admin(people: People) -> None:
    people.admin()
    changes: list[Callable[[], object]] = [
        lambda: people.accounts.change("admin", role=Role.VIEWER, is_disabled=None, by="admin"),
        lambda: people.accounts.change("admin", role=None, is_disabled=True, by="admin"),
    ]
    for change in changes:
        with pytest.raises(Conflict, match="admin"):
            change()
    assert [(user.role, user.disabled_at) for user in people.accounts.list()] == [
        (Role.ADMIN, None)
    ]
    with pytest.raises(Conflict):
        people.accounts.create("admin", Role.VIEWER, by="admin")


def test_a_token_is_good_until_it_is_not(people: People) -> None:
    admin = people.admin()
    token, secret = people.tokens.create(admin, "ci", Role.OPERATOR, 60)
    assert secret.startswith(token.prefix)
    assert people.sign_in.by_token(secret) == Caller("admin", Role.OPERATOR)
    assert people.tokens.list(admin, of_all=False)[0].last_used_at == people.now
    people.now += 60
    with pytest.raises(Unauthenticated):
        people.sign_in.by_token(secret)
    token, secret = people.tokens.create(admin, "ci", Role.OPERATOR, None)
    people.tokens.revoke(admin, token.token_id)
    people.tokens.revoke(admin, token.token_id)
    with pytest.raises(Unauthenticated):
        people.sign_in.by_token(secret)
    with pytest.raises(Unauthenticated):
        people.sign_in.by_token("sfw_\ud800")


def test_a_token_never_does_more_than_its_user_may_now(people: People) -> None:
    people.admin()
    link = people.accounts.create("bob", Role.OPERATOR, by="admin")
    bob = people.sign_in.with_link(link, "there").caller
    with pytest.raises(Forbidden):
        people.tokens.create(bob, "more", Role.ADMIN, None)
    token, secret = people.tokens.create(bob, "ci", Role.OPERATOR, None)
    people.accounts.change("bob", role=Role.VIEWER, is_disabled=None, by="admin")
    assert people.sign_in.by_token(secret).role is Role.VIEWER
    with pytest.raises(Forbidden):
        people.tokens.list(bob, of_all=True)
    eve = Caller("eve", Role.OPERATOR)
    with pytest.raises(NotFound):
        people.tokens.revoke(eve, token.token_id)


def test_a_token_makes_none_that_outlives_it(people: People) -> None:
    admin = people.admin()
    _, secret = people.tokens.create(admin, "short", Role.ADMIN, 60)
    end = people.now + 60
    people.now += 10
    thief = people.sign_in.by_token(secret)
    made = [people.tokens.create(thief, "t", Role.VIEWER, life)[0] for life in (None, 3600, 5)]
    assert [token.expires_at for token in made] == [end, end, people.now + 5]
    _, lasting = people.tokens.create(admin, "lasting", Role.ADMIN, None)
    by_lasting = people.sign_in.by_token(lasting)
    assert people.tokens.create(by_lasting, "t", Role.ADMIN, None)[0].expires_at is None


def test_what_a_token_has_made_is_revoked_with_it(people: People) -> None:
    admin = people.admin()
    stolen, secret = people.tokens.create(admin, "stolen", Role.ADMIN, None)
    _, kept = people.tokens.create(admin, "kept", Role.ADMIN, None)
    thief = people.sign_in.by_token(secret)
    _, child = people.tokens.create(thief, "child", Role.ADMIN, None)
    _, grandchild = people.tokens.create(people.sign_in.by_token(child), "c", Role.ADMIN, None)
    people.tokens.revoke(admin, stolen.token_id)
    for known in (secret, child, grandchild):
        with pytest.raises(Unauthenticated):
            people.sign_in.by_token(known)
    assert people.sign_in.by_token(kept).name == "admin"
    with pytest.raises(Unauthenticated):  # who was let in before it was revoked
        people.tokens.create(thief, "late", Role.ADMIN, None)
    with people.database.reading() as connection:
        deeds = connection.execute(select(audit.audit.c.event)).scalars().all()
    assert deeds.count("token.revoke") == 3


def test_another_password_wants_the_one_there_is(people: People) -> None:
    """An open session must not become a password; a one-time link may, once."""
    first = people.admin()
    assert not people.sign_in.must_prove_password(first)
    people.accounts.set_password("admin", PASSWORD, keep=first.session)
    assert people.sign_in.must_prove_password(first)
    people.sign_in.prove_password("admin", PASSWORD, "here")
    for _ in range(rules.MAX_BY_BOTH):
        with pytest.raises(Invalid, match="present"):
            people.sign_in.prove_password("admin", "another password", "here")
    with pytest.raises(TooManyAttempts):
        people.sign_in.prove_password("admin", PASSWORD, "here")
    link = people.accounts.make_link("admin", by="admin")
    forgot = people.sign_in.with_link(link, "there").caller
    assert not people.sign_in.must_prove_password(forgot)


def test_guessing_from_a_network_is_from_one_address(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who has an IPv6 network could guess on, and lock others out, with an address each time."""
    monkeypatch.setattr(rules, "MAX_BY_BOTH", 2)
    people.admin()
    people.accounts.set_password("admin", PASSWORD, keep=None)
    for address in ("2001:db8:0:7::1", "2001:db8:0:7:ffff::2"):
        with pytest.raises(Unauthenticated):
            people.sign_in.with_password("admin", "wrong", address)
    with pytest.raises(TooManyAttempts):
        people.sign_in.with_password("admin", PASSWORD, "2001:db8:0:7:1:2:3:4")
    for other in ("2001:db8:0:8::1", "192.0.2.7", "somewhere"):
        assert people.sign_in.with_password("admin", PASSWORD, other).caller.name == "admin"


def test_who_signs_in_again_and_again_holds_up_nobody_else(people: People) -> None:
    """A password takes a core: with no bound its callers had all threads that answer."""
    people.admin()
    people.accounts.set_password("admin", PASSWORD, keep=None)

    def sign_in(address: str) -> str:
        try:
            return people.sign_in.with_password("admin", PASSWORD, address).caller.name
        except TooManyAttempts as refused:
            return str(refused.retry_after_s)

    with ThreadPoolExecutor(8) as at_once, ExitStack() as busy:
        for _ in range(2):  # as if all cores had passwords to check
            busy.enter_context(credentials._AT_A_TIME)
        flood = [at_once.submit(sign_in, f"2001:db8::{number}") for number in range(6)]
        eventually(lambda: sum(each.done() for each in flood) == 2)
        other = at_once.submit(sign_in, "192.0.2.7")
        assert sign_in("2001:db8::7") == "1"
        busy.close()
        assert sorted(each.result() for each in flood) == ["1", "1", *["admin"] * 4]
        assert other.result() == "admin"
    assert sign_in("2001:db8::7") == "admin"


def test_guessing_is_slowed_down(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "MAX_BY_BOTH", 2)
    monkeypatch.setattr(rules, "MAX_BY_ADDRESS", 4)
    people.admin()
    people.accounts.set_password("admin", PASSWORD, keep=None)
    for _ in range(2):
        with pytest.raises(Unauthenticated):
            people.sign_in.with_password("admin", "wrong", "there")
    with pytest.raises(TooManyAttempts) as refused:
        people.sign_in.with_password("admin", PASSWORD, "there")
    assert 0 < refused.value.retry_after_s <= rules.WINDOW_S + 1
    assert people.sign_in.with_password("admin", PASSWORD, "here").caller.name == "admin"
    for name in ("x", "y"):
        with pytest.raises(Unauthenticated):
            people.sign_in.with_password(name, "wrong", "there")
    with pytest.raises(TooManyAttempts):
        people.sign_in.with_link("sfwl_guess", "there")
    people.now += rules.WINDOW_S
    assert people.sign_in.with_password("admin", PASSWORD, "there").caller.name == "admin"


def test_the_csrf_token_is_the_sessions_own(people: People) -> None:
    link = people.accounts.begin()
    assert link is not None
    session = people.sign_in.with_link(link, "here")
    assert is_csrf_token(session.secret, session.csrf_token)
    assert not is_csrf_token(session.secret, session.csrf_token[:-1] + "é")
    assert not is_csrf_token("another", session.csrf_token)


def test_the_audit_log_shows_what_was_changed_left_out_or_cut_off(people: People) -> None:
    people.admin()
    people.accounts.create("bob", Role.VIEWER, by="admin")
    with people.database.transaction() as connection:
        kept = audit.read(connection)
        assert audit.verify(connection) == audit.Verdict(len(kept), None)
    assert [record.event for record in kept] == [
        "user.link", "user.create", "session.begin", "user.link", "user.create",
    ]  # fmt: skip
    table = audit.audit
    for harm, place in (
        (update(table).where(table.c.seq == 2).values(who="mallory"), 2),
        (delete(table).where(table.c.seq == 3), 3),
        (delete(table).where(table.c.seq == len(kept)), len(kept)),
    ):
        with people.database.engine.begin() as connection:
            connection.execute(harm)
            assert audit.verify(connection).broken_at == place
            connection.rollback()


def test_records_written_at_once_are_one_chain(people: People) -> None:
    def write(number: int) -> None:
        with people.database.transaction() as connection:
            audit.append(connection, "me", "test", {"number": number}, people.now)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(20)))
    with people.database.reading() as connection:
        assert audit.verify(connection) == audit.Verdict(20, None)


def test_a_deed_that_fails_leaves_no_record(people: People) -> None:
    people.admin()
    with people.database.reading() as connection:
        before = len(audit.read(connection))
    with pytest.raises(Conflict):
        people.accounts.change("admin", role=Role.VIEWER, is_disabled=None, by="admin")
    with people.database.reading() as connection:
        assert len(audit.read(connection)) == before


def test_a_digest_is_of_the_whole_secret() -> None:
    assert digest_of("a") != digest_of("b")
    assert len(digest_of("a")) == 64
