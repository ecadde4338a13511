-- All issue links of a Jira Data Center in MySQL, as CSV. It only reads.
-- links.csv: mysql --batch --raw --quick --skip-column-names --default-character-set=utf8mb4 DATABASE \
--   < link_census_mysql.sql > links.csv
-- Not tested by the authors of this collection with MySQL. It was tried with MariaDB 10.11.
SELECT 'link_id,source_key,target_key,type,outward,inward,pstyle';
SELECT CONCAT(
  l.id,
  ',', sp.pkey, '-', s.issuenum,
  ',', tp.pkey, '-', t.issuenum,
  ',"', REPLACE(COALESCE(lt.linkname, ''), '"', '""'),
  '","', REPLACE(COALESCE(lt.outward, ''), '"', '""'),
  '","', REPLACE(COALESCE(lt.inward, ''), '"', '""'),
  '","', COALESCE(lt.pstyle, ''), '"'
)
FROM issuelink l
JOIN issuelinktype lt ON lt.id = l.linktype
JOIN jiraissue s ON s.id = l.source
JOIN project sp ON sp.id = s.project
JOIN jiraissue t ON t.id = l.destination
JOIN project tp ON tp.id = t.project
ORDER BY l.id;
