select customer || '!' as name from {{ ref('passing') }}
