-- The lines of a batch of recipients as text: rows of a CSV file, and members of a list in JSON.
select
    lines.recipient,
    string_agg({{ part.cells }}, chr(13) || chr(10) order by lines.section, lines.place) filter (
        where lines.section = recipients.first_section
    ) as first_rows,
    string_agg({{ part.cells }}, chr(13) || chr(10) order by lines.section, lines.place) filter (
        where lines.section > recipients.first_section
    ) as other_rows,
    string_agg(
        to_json({
            'id': lines.item_id,
            'code': coalesce(lines.list_code, ''),
            'kind': lines.kind,
            'group': lines.group_name,
            'why': lines.why,
            'risk': lower(lines.risk),
            'who': lines.who,
            'brid': lines.brid,
            'application': lines.application,
            'reason': lines.reason,
            'peers': lines.peers,
            'due': lines.due_date,
            'overdue': lines.is_overdue,
            'privileged': lines.is_privileged,
            'used': lines.last_used_date,
            'action': lines.action,
            'before': lines.decided_so_far
        }),
        ','
        order by lines.section, lines.place
    ) as items
from lines
inner join recipients on lines.recipient = recipients.recipient
where recipients.is_sent and recipients.batch = {{ parameter.batch }}
group by lines.recipient
order by max(lines.recipient_brid) nulls last, lines.recipient
