-- The tables that the recorded queries are asked about: the same on PostgreSQL and on Skein.
create table dept (id integer primary key, name text not null unique, budget numeric(12,2) default 0);
create table emp (id bigint primary key, dept_id integer references dept(id), name text not null, salary double precision, hired date, active boolean default true, tags text[], seen timestamptz, u uuid, check (salary >= 0), unique (dept_id, name));
create index emp_name_idx on emp (name);
create view emp_v as select e.id, e.name, d.name as dept from emp e join dept d on d.id = e.dept_id;
create sequence s1 start 5;
create type mood as enum ('sad','ok','happy');
create table feelings (id integer, m mood);
create schema other;
create table other.thing (a smallint, b real, c bytea, d time, e json, f interval);
comment on table emp is 'people';
comment on column emp.name is 'full name';
