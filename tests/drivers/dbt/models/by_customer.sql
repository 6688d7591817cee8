{{ config(materialized='table') }}
select customer, count(*) as orders, sum(amount) as total, max(placed) as latest
from {{ ref('orders') }}
group by customer
