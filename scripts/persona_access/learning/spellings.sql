-- The same normalisation as in staging: identifiers in one spelling, values cleaned and in lower
-- case.
create or replace temporary macro cleaned(value) as {{ part.cleaned }};

-- As staging compares: in lower case, and a double space is a space.
create or replace temporary macro compared(value) as
lower(regexp_replace(cleaned(value), ' +', ' ', 'g'));

create or replace temporary macro normalised_brid(brid) as
case
    when regexp_full_match(upper(cleaned(brid)), 'B?[0-9]+')
        then coalesce(nullif(ltrim(ltrim(upper(cleaned(brid)), 'B'), '0'), ''), '0')
    when regexp_full_match(upper(cleaned(brid)), '[0-9]+[.]?[0-9]*(E[+-]?[0-9]+)?') then null
    when regexp_full_match(upper(cleaned(brid)), '[A-Z0-9][A-Z0-9._-]*') then upper(cleaned(brid))
end;
