-- All issue links of a Jira Data Center in SQL Server. It only reads. PowerShell writes the CSV:
-- Invoke-Sqlcmd -ServerInstance SERVER -Database DATABASE -InputFile link_census_sqlserver.sql -QueryTimeout 0 |
--   Export-Csv -Path links.csv -NoTypeInformation -Encoding UTF8
-- Not tested by the authors of this collection.
-- jiraschema is the schema that has Jira's tables. Change it if yours has another name, often dbo.
SELECT
  l.id AS link_id,
  CONCAT(sp.pkey, '-', s.issuenum) AS source_key,
  CONCAT(tp.pkey, '-', t.issuenum) AS target_key,
  lt.linkname AS type,
  lt.outward AS outward,
  lt.inward AS inward,
  COALESCE(lt.pstyle, '') AS pstyle
FROM jiraschema.issuelink l
JOIN jiraschema.issuelinktype lt ON lt.id = l.linktype
JOIN jiraschema.jiraissue s ON s.id = l.source
JOIN jiraschema.project sp ON sp.id = s.project
JOIN jiraschema.jiraissue t ON t.id = l.destination
JOIN jiraschema.project tp ON tp.id = t.project
ORDER BY l.id;
