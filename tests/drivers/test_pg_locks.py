"""Advisory locks, which migrations and job queues take: who waits for whom, and when they are let go."""

import threading

import psycopg
import pytest


@pytest.fixture
def pair(server):
    with server.connect_pg() as first, server.connect_pg() as second:
        yield first, second


def one(connection, sql):
    return connection.execute(sql).fetchone()[0]


def test_one_session_has_it(pair):
    first, second = pair
    assert one(first, "SELECT pg_try_advisory_lock(4711)") is True
    assert one(first, "SELECT pg_try_advisory_lock(4711)") is True
    assert one(second, "SELECT pg_try_advisory_lock(4711)") is False
    assert one(second, "SELECT pg_try_advisory_lock_shared(4711)") is False
    assert one(second, "SELECT pg_try_advisory_lock(0, 4711)") is True  # two integers are another key
    assert one(second, "SELECT pg_advisory_unlock(4711)") is False
    assert one(first, "SELECT pg_advisory_unlock(4711)") is True
    assert one(second, "SELECT pg_try_advisory_lock(4711)") is False  # it was taken twice
    assert one(first, "SELECT pg_advisory_unlock(4711)") is True
    assert one(second, "SELECT pg_try_advisory_lock(4711)") is True


def test_shared_ones_go_together(pair):
    first, second = pair
    assert one(first, "SELECT pg_try_advisory_lock_shared(12)") and one(second, "SELECT pg_try_advisory_lock_shared(12)")
    assert one(first, "SELECT pg_try_advisory_lock(12)") is False
    first.execute("SELECT pg_advisory_unlock_all()")
    assert one(second, "SELECT pg_try_advisory_lock(12)") is True


@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK"])
def test_a_transactions_end_lets_go(pair, end):
    first, second = pair
    first.execute("BEGIN")
    first.execute("SELECT pg_advisory_xact_lock(13)")
    assert one(second, "SELECT pg_try_advisory_xact_lock(13)") is False
    first.execute(end)
    assert one(second, "SELECT pg_try_advisory_lock(13)") is True


def test_a_sessions_end_lets_go(server, pair):
    _, second = pair
    with server.connect_pg() as third:
        third.execute("SELECT pg_advisory_lock(14)")
        assert one(second, "SELECT pg_try_advisory_lock(14)") is False
    second.execute("SELECT pg_advisory_lock(14)")  # waits for the server to see the end


def test_who_waits_gets_it(pair):
    first, second = pair
    first.execute("SELECT pg_advisory_lock(15)")
    waiter = threading.Thread(target=lambda: second.execute("SELECT pg_advisory_lock(15)"))
    waiter.start()
    first.execute("SELECT pg_advisory_unlock(15)")
    waiter.join(60)
    assert not waiter.is_alive()
    assert one(first, "SELECT pg_try_advisory_lock(15)") is False


def test_waiting_ends_at_the_timeout(pair):
    first, second = pair
    first.execute("SELECT pg_advisory_lock(16)")
    second.execute("SET statement_timeout = '200ms'")
    with pytest.raises(psycopg.errors.QueryCanceled):
        second.execute("SELECT pg_advisory_lock(16)")
