-- The findings of a cause, rarest access first. Scores exist only for the newest week; for earlier
-- weeks, the plain share is used.
select
    findings.brid,
    findings.application_id,
    findings.finding_type,
    findings.finding_state,
    findings.opened_date,
    findings.persona_id,
    findings.n_peer_holders,
    findings.n_peers,
    scores.peer_score
from marts.fct_finding_causes as findings
left join reporting.rpt_peer_scores as scores
    on
        findings.as_of_date = scores.as_of_date
        and findings.brid = scores.brid
        and findings.application_id = scores.application_id
where findings.as_of_date = {{ parameter.week }} and findings.cause_id = {{ parameter.cause_id }}
order by
    coalesce(scores.peer_score, findings.n_peer_holders / nullif(findings.n_peers, 0)) nulls last,
    findings.brid,
    findings.application_id
