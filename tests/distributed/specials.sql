-- One query a line. Each asks for something that a planner can get wrong; the answer must be DuckDB's.
select count(distinct l_suppkey), sum(distinct l_quantity) from lineitem
select l_returnflag, count(distinct l_suppkey) c, sum(l_tax) from lineitem group by 1
select l_returnflag, l_linestatus, count(distinct l_partkey) from lineitem group by cube(1,2)
select l_returnflag, sum(l_quantity) filter (where l_tax>0.02), count(*) filter (where l_discount=0) from lineitem group by 1
select l_linestatus, string_agg(l_shipmode, ',' order by l_orderkey, l_linenumber) from lineitem where l_orderkey < 300 group by 1
select l_returnflag, median(l_quantity), quantile_cont(l_extendedprice, 0.9), mode(l_shipmode), stddev(l_tax), corr(l_tax, l_discount) from lineitem group by 1
select median(l_quantity), quantile_cont(l_extendedprice, [0.1,0.9]), stddev_samp(l_tax), approx_count_distinct(l_partkey) from lineitem
select l_orderkey, list_sort(list(l_partkey)) from lineitem where l_orderkey<2000 group by 1
select arg_max(l_extendedprice, l_orderkey * 10 + l_linenumber), max(l_comment), min(l_shipmode) from lineitem
select max(l_extendedprice, 3), min(l_extendedprice, 2) from lineitem
select o_custkey, o_orderkey, row_number() over (partition by o_custkey order by o_orderdate, o_orderkey) rn, sum(o_totalprice) over (partition by o_custkey order by o_orderdate, o_orderkey) s from orders where o_custkey < 500
select o_orderkey, rank() over (order by o_totalprice desc) rk from orders qualify rk <= 20
select o_custkey, o_orderkey from orders qualify row_number() over (partition by o_custkey order by o_totalprice desc, o_orderkey) = 1
select * from orders order by o_totalprice desc, o_orderkey limit 17 offset 5
select o_orderkey from orders order by o_orderkey limit 100000
select count(*) from (select * from orders limit 1234)
select distinct l_shipmode, l_returnflag from lineitem
select distinct on (o_custkey) o_custkey, o_orderkey, o_totalprice from orders order by o_custkey, o_totalprice desc, o_orderkey
select o_custkey from orders union select c_custkey from customer
select o_custkey from orders except select c_custkey from customer where c_custkey%2=0
select o_custkey from orders intersect all select c_custkey from customer
select count(*), sum(x) from (select o_custkey x from orders union all select n_nationkey from nation union all select 5)
select count(*) from orders where o_custkey in (select c_custkey from customer where c_acctbal<0)
select count(*) from orders where o_custkey not in (select c_custkey from customer where c_acctbal<0)
select count(*) from orders where o_custkey not in (select case when c_custkey=7 then null else c_custkey end from customer)
select c_custkey, (select max(o_totalprice) from orders where o_custkey=c_custkey) m from customer where c_custkey<3000
select c_custkey, exists(select 1 from orders where o_custkey=c_custkey and o_totalprice>c_acctbal*10) from customer
select c_custkey, (select count(*) from orders o where o.o_custkey<c_custkey) m from customer where c_custkey<20
select c_custkey, x.o_orderkey from customer, lateral (select o_orderkey from orders where o_custkey=c_custkey order by o_totalprice desc, o_orderkey limit 2) x where c_custkey<1000
select count(*), sum(c_acctbal) from customer left join orders on c_custkey=o_custkey and o_totalprice>200000 where o_orderkey is null
select count(*), count(o_orderkey), count(c_custkey) from (select * from orders where o_orderkey%3=0) o full outer join (select * from customer where c_custkey%5<3) c on c_custkey=o_custkey
select count(*), count(o_orderkey) from (select * from orders where o_orderkey%3=0) o right join customer on c_custkey=o_custkey
with recursive r(n, s) as (select 1, 0::bigint union all select n+1, s+(select count(*) from nation where n_nationkey<n) from r where n<10) select * from r
with recursive r as (select min(o_orderkey) k, 0 d from orders union all select (select min(o_orderkey) from orders where o_orderkey>k), d+1 from r where d<5) select * from r
with m as materialized (select o_custkey, sum(o_totalprice) t from orders group by 1) select a.o_custkey, a.t, b.t from m a join m b on a.o_custkey=b.o_custkey+1 where a.t>b.t*3
with m as materialized (select * from orders where o_totalprice>100000) select (select count(*) from m), (select max(o_orderkey) from m), n_name from nation
select o.o_orderkey, p.p from orders o asof join (select (date '1992-01-01' + (i*30)::int) d, i p from range(100) t(i)) p on o.o_orderdate>=p.d where o.o_orderkey<5000
select l_orderkey, u from (select l_orderkey, unnest([l_partkey, l_suppkey]) u from lineitem where l_orderkey<100)
select c_custkey, o_orderkey from customer join orders on c_custkey<o_custkey and c_acctbal>9990 and o_totalprice>450000
select l1.l_orderkey, count(*) from lineitem l1 join lineitem l2 on l1.l_orderkey=l2.l_orderkey and l1.l_linenumber<>l2.l_linenumber group by 1 having count(*)>40
select sum(c) from (select count(*) c from orders group by o_custkey having count(*)>5)
select o_orderpriority, count(*), histogram(o_orderstatus) from orders group by 1
select list(n_name order by n_name) from nation
select c_mktsegment, first(c_name order by c_custkey), last(c_name order by c_custkey), any_value(c_mktsegment) from customer group by 1
select approx_quantile(l_quantity, 0.5) between 20 and 30 from lineitem
select bool_and(l_quantity>0), bit_xor(l_orderkey), product(1.0), sum(l_discount::double), avg(l_shipdate) from lineitem
select date_trunc('month', o_orderdate) m, sum(o_totalprice) s, lag(sum(o_totalprice)) over (order by date_trunc('month', o_orderdate)) from orders group by 1 order by 1
select x, (select sum(o_totalprice) from orders where o_custkey = x) from unnest([1,2,4,7]) t(x)
select o_custkey%7 a, row(o_orderkey,o_custkey)::varchar s, {'k': o_orderkey} m from orders where o_orderkey < 100
select map([o_orderstatus],[o_orderkey]) m, count(*) from orders where o_orderkey<1000 group by 1
select count(*) from lineitem a join lineitem b using (l_orderkey) where a.l_comment < b.l_comment and a.l_orderkey<3000
select nullif(o_orderkey%4,0) k, count(*), sum(o_totalprice) from orders group by 1
select a.k, count(*) from (select nullif(o_orderkey%4,0) k from orders where o_orderkey<4000) a join (select nullif(c_custkey%5,0) k from customer where c_custkey<50) b on a.k is not distinct from b.k group by 1
select l_returnflag, l_linestatus, grouping(l_returnflag) g, sum(l_quantity), avg(l_tax), count(*) from lineitem group by rollup(1,2)
select o_orderstatus, o_orderpriority, count(distinct o_custkey), sum(o_totalprice) from orders group by grouping sets ((1), (2), ())
select first(o_orderkey) filter (where o_orderkey = 7), count(*) from orders
select o_custkey % 3 k, first(o_orderkey) filter (where o_orderkey = 7) from orders group by 1
select count(*), sum(o_totalprice), min(o_comment), max(o_orderdate), avg(o_totalprice) from orders where o_orderkey < 0
select o_custkey, count(*), sum(o_totalprice) from orders where o_orderkey < 0 group by 1
select * from orders where o_orderkey < 0 order by 1 limit 5
select c_custkey from customer where c_custkey not in (select o_custkey from orders where o_orderkey < 0)
select count(*) from customer where c_custkey in (select null::integer)
select count(*) from orders a full join (select * from orders where o_orderkey < 0) b on a.o_orderkey = b.o_orderkey
select count(*), count(b.o_orderkey) from (select * from orders where o_orderkey < 0) b right join orders a on a.o_orderkey = b.o_orderkey
select a.k, b.k, count(*) from (select case when o_orderkey % 3 = 0 then null else 1 end k from orders) a full join (select case when c_custkey % 2 = 0 then null else 1 end k from customer where c_custkey < 20) b on a.k = b.k group by all
select a.k, count(*) from (select 1 k from lineitem) a join (select 1 k from supplier) b using (k) group by 1
select k, count(*), sum(l_quantity) from (select case when l_orderkey % 100 = 0 then l_orderkey else 1 end k, l_quantity from lineitem) group by 1 having count(*) > 10
select o_orderstatus::enum('F', 'O', 'P') e, count(*) from orders group by 1
select {'status': o_orderstatus, 'year': year(o_orderdate)} s, [o_orderpriority, null] l, count(*) from orders group by all
select o_custkey, [o_orderkey, null] l, {'a': o_orderdate, 'b': [o_totalprice]} s, map {'k': o_orderkey} m from orders where o_orderkey < 500
select u::varchar, n from (select union_value(num := o_orderkey) u, count(*) n from orders where o_orderkey < 100 group by 1)
select distinct [o_orderstatus], {'p': o_orderpriority} from orders
select a.s, count(*) from (select {'k': o_custkey % 50} s from orders) a join (select {'k': c_custkey} s from customer where c_custkey < 10) b on a.s = b.s group by 1
select o_totalprice::hugeint h, (o_orderkey::decimal(38, 10) / 3)::decimal(30, 5) d, uuid_value from (select *, md5(o_orderkey::varchar)::uuid uuid_value from orders) where o_orderkey < 300
select case when o_orderkey % 5 = 0 then 'nan'::double when o_orderkey % 5 = 1 then -0.0 when o_orderkey % 5 = 2 then 0.0 else 'inf'::double end d, count(*) from orders group by 1
select timezone('America/New_York', o_orderdate::timestamp) z, count(*) from orders where o_orderkey < 2000 group by 1
select date_trunc('month', o_orderdate::timestamptz) z, sum(o_totalprice) from orders group by 1
select interval (o_orderkey) day i, count(*) from orders where o_orderkey < 100 group by 1
select repeat(o_comment, 200) big, o_orderkey from orders where o_orderkey < 50
select o_orderkey, row_number() over (order by o_totalprice desc, o_orderkey) from orders qualify row_number() over (order by o_totalprice desc, o_orderkey) < 30
select l_suppkey, l_partkey, sum(l_quantity) over (partition by l_suppkey), count(*) over (partition by l_partkey) from lineitem where l_orderkey < 300
select l_orderkey, ntile(4) over w, lead(l_linenumber) over w from lineitem where l_orderkey < 500 window w as (partition by l_orderkey order by l_linenumber)
select o_custkey from orders except all select c_custkey from customer
(select o_custkey, o_orderkey from orders order by o_totalprice desc, o_orderkey limit 7) union all (select c_custkey, 0 from customer order by c_acctbal, c_custkey limit 3)
select count(*) from (select o_orderkey from orders union all select o_orderkey from orders) x join lineitem on l_orderkey = x.o_orderkey
select n_name, (select count(*) from customer, orders where c_custkey = o_custkey and c_nationkey = n_nationkey), (select max(s_acctbal) from supplier where s_nationkey = n_nationkey) from nation
select s_name from supplier where s_suppkey in (select ps_suppkey from partsupp where ps_availqty > (select 0.5 * sum(l_quantity) from lineitem where l_partkey = ps_partkey and l_suppkey = ps_suppkey))
select c_custkey from customer where exists (select 1 from orders where o_custkey = c_custkey and o_totalprice > 400000) or c_acctbal > 9990
select o_orderkey, o_totalprice > all (select o_totalprice from orders i where i.o_custkey = o.o_custkey and i.o_orderkey <> o.o_orderkey) a from orders o where o_custkey < 60
with t as (select o_custkey k, count(*) n from orders group by 1) select a.n, count(*) from t a join t b on a.k = b.k where a.n > (select avg(n) from t) group by 1
with recursive r as (select 1 n union all select n + 1 from r where n < 50) select n, (select count(*) from orders where o_custkey = n) from r
select count(*) from orders, (values (1), (2), (null)) v(x) where o_custkey = x
select count(*) from range(1000) r(i) join orders on o_custkey = i
select i, count(o_orderkey) from range(20) r(i) left join orders on o_custkey = i group by 1
select o_orderpriority, approx_count_distinct(o_custkey) > 5000, stddev(o_totalprice), var_pop(o_totalprice), skewness(o_totalprice), kurtosis(o_totalprice), corr(o_totalprice, o_custkey), covar_samp(o_totalprice, o_custkey), regr_slope(o_totalprice, o_custkey) from orders group by 1
select stddev(o_totalprice), variance(o_totalprice), corr(o_totalprice, o_custkey), regr_r2(o_totalprice, o_custkey), entropy(o_orderstatus), product(1.0 + o_orderkey / 1e12) from orders
select count(distinct o_custkey), count(distinct o_orderstatus), sum(distinct o_shippriority), count(*) from orders
select o_orderstatus, count(distinct o_custkey), count(distinct o_clerk), count(*) from orders group by 1
select quantile_disc(o_totalprice, 0.25), mad(o_totalprice), mode(o_orderstatus) from orders
select bit_and(o_orderkey), bit_or(o_orderkey), bit_xor(o_custkey), bool_or(o_totalprice > 500000), count_if(o_totalprice > 300000) from orders
select count_if(o_totalprice > 300000), countif(o_comment is null), count(*), max(o_orderkey) from orders where o_orderkey < 0
select max_by(o_orderkey, o_totalprice), min_by(o_orderkey, o_totalprice), arg_max(o_orderkey, o_totalprice, 3) from orders
select l_orderkey, string_agg(l_shipmode, '|' order by l_linenumber), list(l_partkey order by l_partkey), array_agg(distinct l_returnflag order by l_returnflag) from lineitem where l_orderkey < 400 group by 1
select sum(o_totalprice) filter (where o_orderstatus = 'F') - sum(o_totalprice) filter (where o_orderstatus = 'X') from orders
select min(lower(o_clerk)) k, count(*) n from (select case when o_orderkey % 2 = 0 then upper(o_clerk) else lower(o_clerk) end o_clerk from orders) group by o_clerk collate nocase having count(*) > 150
