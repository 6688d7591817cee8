{{ config(materialized='ephemeral') }}
select distinct customer from {{ ref('orders') }}
