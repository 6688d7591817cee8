{{ config(materialized='view') }}
select * from {{ ref('by_customer') }} where total > 8
