{{ config(materialized='incremental', unique_key='id') }}
select id, customer, amount, {{ 2 if is_incremental() else 1 }} as run
from {{ ref('orders') }}
{% if is_incremental() %} where id >= 3 {% endif %}
