"""Settings of cut queries: what is no value of one is refused where it is set, and the one before stays."""

import psycopg
import pytest

import benchmark_data

WRONG = {"skein_distributed": ("maybe", "auto, on or off"), "skein_distributed_min_bytes": ("12 parsecs", "a size, such as 256MB"),
         "num_shuffle_partitions": ("-1", "a number from 0 to 1024"), "broadcast_threshold_mb": ("x", "a number from 0 to 1000000"),
         "skein_runtime_filters": ("2", "on or off"), "skein_skew_threshold_mb": ("-3", "a number from 0 to 1000000"),
         "skein_split_rows": ("", "a number from 0"), "skein_range_sort_rows": ("1e99", "a number from 0"),
         "skein_range_windows": ("3", "auto, on or off")}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_refused_where_it_is_set(cluster, name):
    pair = cluster(benchmark_data.tpch(0.01))
    wrong, right = WRONG[name]
    with pair.server.connect_pg() as connection:
        before = connection.execute(f"SHOW {name}").fetchone()
        for statement in (f"SET {name} = '{wrong}'", f"SET SESSION {name} TO '{wrong}'"):
            with pytest.raises(psycopg.errors.InvalidParameterValue) as refused:
                connection.execute(statement)
            assert f'invalid value for parameter "{name}": "{wrong}"' in str(refused.value)
            assert right in refused.value.diag.message_hint
        assert connection.execute(f"SHOW {name}").fetchone() == before
        connection.execute(f"SET {name} = '{before[0].upper()}'")
        connection.execute(f"RESET {name}")
    with pytest.raises(Exception, match="invalid value for parameter"):
        pair.run(f"SET {name} = '{wrong}'")


def test_all_settings_have_a_case(cluster):
    pair = cluster(benchmark_data.tpch(0.01))
    mine = pair.run("SELECT name FROM duckdb_settings() WHERE name LIKE 'skein_%' OR name IN ('num_shuffle_partitions', 'broadcast_threshold_mb')")
    assert set(WRONG) == set(mine.column(0).to_pylist())


@pytest.mark.parametrize("name", ["skein_distributed", "skein_runtime_filters"])
def test_switches_are_set_as_in_postgresql(cluster, name):
    pair = cluster(benchmark_data.tpch(0.01))
    with pair.server.connect_pg() as connection:
        for statement in ("SET {} = on", "SET {} TO ON", "SET SESSION {} = On", "SET {} = true", "SET {} = 1", "SET {} = 'yes'"):
            connection.execute(f"SET {name} = off")
            connection.execute(statement.format(name))
            shown = connection.execute(f"SHOW {name}").fetchone()[0]
            assert shown.lower() in ("on", "true", "1", "yes"), (statement, shown)
            plan = connection.execute("EXPLAIN SELECT 1").fetchall()
            assert "skein_distributed is off" not in str(plan)
        with connection.transaction():
            connection.execute(f"SET LOCAL {name} = off")
            connection.execute(f"SET LOCAL {name} = on")
            assert connection.execute(f"SHOW {name}").fetchone() == ("on",)
    for value in ("off", "on"):
        pair.run(f"SET {name} = {value}")
        assert pair.run(f"SELECT current_setting('{name}')").to_pylist()[0].popitem()[1] == value


def test_set_config_sets_them(cluster):
    pair = cluster(benchmark_data.tpch(0.01))
    with pair.server.connect_pg() as connection:
        assert connection.execute("SELECT set_config('Num_Shuffle_Partitions', '5', false)").fetchone() == ("5",)
        assert connection.execute("SHOW num_shuffle_partitions").fetchone() == ("5",)
        with pytest.raises(psycopg.errors.InvalidParameterValue, match="invalid value for parameter"):
            connection.execute("SELECT set_config('num_shuffle_partitions', '-1', false)")
        connection.execute("BEGIN; SELECT set_config('skein_distributed', 'off', true)")
        assert connection.execute("SHOW skein_distributed").fetchone() == ("off",)
        connection.execute("COMMIT")
        assert connection.execute("SHOW skein_distributed").fetchone() == ("auto",)
