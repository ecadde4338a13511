-- Copyright: (c) 2026, The jira_cloud.federation authors
-- GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
-- SPDX-License-Identifier: GPL-3.0-or-later
-- A ledger of release 0.1.0, as .dump of sqlite3 gives it out, and the two settings that it leaves out.

PRAGMA journal_mode = WAL;
PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE link_update_attempts (
        identity TEXT NOT NULL,
        attempt INTEGER NOT NULL,
        site_id TEXT NOT NULL,
        product TEXT NOT NULL,
        product_url TEXT NOT NULL,
        destination_url TEXT NOT NULL,
        migrated_from TEXT NOT NULL,
        migrated_from_override TEXT,
        recreate_as_remote BOOLEAN NOT NULL,
        create_backup BOOLEAN NOT NULL,
        wave TEXT NOT NULL,
        claimant TEXT,
        claimed_at TEXT NOT NULL,
        lease_until TEXT NOT NULL,
        job_id TEXT,
        submitted_at TEXT,
        status TEXT,
        completed_at TEXT,
        PRIMARY KEY (identity, attempt)
    );
INSERT INTO "link_update_attempts" VALUES('["site-eu", "jira", "https://eu.example.net", "https://us.example.net", "https://jira.example.com", null, true, "1"]',1,'site-eu','jira','https://eu.example.net','https://us.example.net','https://jira.example.com',NULL,1,1,'1','ansible.example.com/5d3c9a52-8f1e-4b7a-9c60-2e4b7d1f0a36/pid:[4026531836] 4711 88230','2026-03-01T18:30:00.000000Z','2026-03-01T18:31:00.000000Z','job-1','2026-03-01T18:30:01.500000Z','COMPLETE','2026-03-01T18:33:01.500000Z');
INSERT INTO "link_update_attempts" VALUES('["site-eu", "jira", "https://eu.example.net", "https://ap.example.net", "https://jira.example.com", null, true, "1"]',1,'site-eu','jira','https://eu.example.net','https://ap.example.net','https://jira.example.com',NULL,1,0,'1','ansible.example.com/5d3c9a52-8f1e-4b7a-9c60-2e4b7d1f0a36/pid:[4026531836] 4711 88230','2026-03-01T18:33:01.500000Z','2026-03-01T18:34:01.500000Z','job-2','2026-03-01T18:33:03.000000Z','ERROR','2026-03-01T18:35:03.000000Z');
INSERT INTO "link_update_attempts" VALUES('["site-eu", "jira", "https://eu.example.net", "https://au.example.net", "https://jira.example.com", "https://old.example.com", false, "2"]',1,'site-eu','jira','https://eu.example.net','https://au.example.net','https://jira.example.com','https://old.example.com',0,0,'2','ansible.example.com/5d3c9a52-8f1e-4b7a-9c60-2e4b7d1f0a36/pid:[4026531836] 4711 88230','2026-03-01T18:35:03.000000Z','2026-03-01T18:36:03.000000Z','job-3','2026-03-01T18:35:04.500000Z','IN_PROGRESS',NULL);
INSERT INTO "link_update_attempts" VALUES('["site-eu", "jira", "https://eu.example.net", "https://br.example.net", "https://jira.example.com", null, true, "1"]',1,'site-eu','jira','https://eu.example.net','https://br.example.net','https://jira.example.com',NULL,1,0,'1',NULL,'2026-03-01T18:36:04.500000Z','2026-03-01T18:37:04.500000Z',NULL,NULL,NULL,NULL);
INSERT INTO "link_update_attempts" VALUES('["site-eu", "jira", "https://eu.example.net", "https://ca.example.net", "https://jira.example.com", null, true, "1"]',1,'site-eu','jira','https://eu.example.net','https://ca.example.net','https://jira.example.com',NULL,1,0,'1','ansible.example.com/5d3c9a52-8f1e-4b7a-9c60-2e4b7d1f0a36/pid:[4026531836] 4711 88230','2026-03-01T18:36:05.500000Z','9999-12-31T00:00:00.000000Z',NULL,NULL,NULL,NULL);
CREATE TABLE link_update_limits (
        client TEXT NOT NULL PRIMARY KEY,
        quiet_until TEXT NOT NULL
    );
INSERT INTO "link_update_limits" VALUES('5a0d4c','2026-03-01T18:37:35.500000Z');
CREATE TABLE link_update_statuses (
        site_id TEXT NOT NULL,
        job_id TEXT NOT NULL,
        status TEXT NOT NULL,
        since TEXT NOT NULL,
        PRIMARY KEY (site_id, job_id, since, status)
    );
INSERT INTO "link_update_statuses" VALUES('site-eu','job-1','BACKUP','2026-03-01T18:31:01.500000Z');
INSERT INTO "link_update_statuses" VALUES('site-eu','job-1','IN_PROGRESS','2026-03-01T18:32:01.500000Z');
INSERT INTO "link_update_statuses" VALUES('site-eu','job-1','COMPLETE','2026-03-01T18:33:01.500000Z');
INSERT INTO "link_update_statuses" VALUES('site-eu','job-2','IN_PROGRESS','2026-03-01T18:34:03.000000Z');
INSERT INTO "link_update_statuses" VALUES('site-eu','job-2','ERROR','2026-03-01T18:35:03.000000Z');
INSERT INTO "link_update_statuses" VALUES('site-eu','job-3','IN_PROGRESS','2026-03-01T18:36:04.500000Z');
CREATE INDEX link_update_attempts_by_job ON link_update_attempts (site_id, job_id);
COMMIT;
