-- The most urgent lines of each list: the content of its workbook.
with

numbered as (

    select
        lines.*,
        row_number() over (
            partition by lines.recipient order by lines.section, lines.place
        ) as line_number
    from lines
    inner join recipients on lines.recipient = recipients.recipient
    where recipients.is_sent and recipients.batch = {{ parameter.batch }}

)

select *
from numbered
where line_number <= {{ parameter.n_most }}
order by recipient_brid nulls last, recipient, line_number
