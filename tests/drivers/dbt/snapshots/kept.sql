{% snapshot kept %}
{{ config(target_schema='dbt_shop', unique_key='id', strategy='check', check_cols=['amount']) }}
select * from {{ ref('orders') }}
{% endsnapshot %}
