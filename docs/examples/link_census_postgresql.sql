-- All issue links of a Jira Data Center in PostgreSQL, as CSV. It only reads; a replica is good enough.
-- links.csv: psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --file link_census_postgresql.sql "$JIRA_DATABASE" > links.csv
COPY (
  SELECT
    l.id AS link_id,
    sp.pkey || '-' || s.issuenum AS source_key,
    tp.pkey || '-' || t.issuenum AS target_key,
    lt.linkname AS type,
    lt.outward AS outward,
    lt.inward AS inward,
    lt.pstyle AS pstyle
  FROM issuelink l
  JOIN issuelinktype lt ON lt.id = l.linktype
  JOIN jiraissue s ON s.id = l.source
  JOIN project sp ON sp.id = s.project
  JOIN jiraissue t ON t.id = l.destination
  JOIN project tp ON tp.id = t.project
  ORDER BY l.id
) TO STDOUT WITH (FORMAT csv, HEADER, ENCODING 'UTF8');
