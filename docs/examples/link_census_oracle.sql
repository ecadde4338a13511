-- All issue links of a Jira Data Center in Oracle, as CSV. It only reads.
-- links.csv: NLS_LANG=.AL32UTF8 sqlplus -S user@database @link_census_oracle.sql
-- Not tested by the authors of this collection.
-- JIRA is the schema that has Jira's tables. Change it if yours has another name.
WHENEVER SQLERROR EXIT FAILURE
ALTER SESSION SET CURRENT_SCHEMA = JIRA;
SET ECHO OFF VERIFY OFF FEEDBACK OFF HEADING OFF PAGESIZE 0 LINESIZE 32767 TRIMSPOOL ON TERMOUT OFF
SPOOL links.csv
PROMPT link_id,source_key,target_key,type,outward,inward,pstyle
SELECT
  l.id
  || ',' || sp.pkey || '-' || s.issuenum
  || ',' || tp.pkey || '-' || t.issuenum
  || ',"' || REPLACE(lt.linkname, '"', '""')
  || '","' || REPLACE(lt.outward, '"', '""')
  || '","' || REPLACE(lt.inward, '"', '""')
  || '","' || lt.pstyle || '"'
FROM issuelink l
JOIN issuelinktype lt ON lt.id = l.linktype
JOIN jiraissue s ON s.id = l.source
JOIN project sp ON sp.id = s.project
JOIN jiraissue t ON t.id = l.destination
JOIN project tp ON tp.id = t.project
ORDER BY l.id;
SPOOL OFF
EXIT
