-- Copyright: (c) 2026, The jira_cloud.federation authors
-- GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
-- SPDX-License-Identifier: GPL-3.0-or-later
-- A ledger of release 0.1.0, as pg_dump --inserts --no-owner gives it out, less its comments.

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

SET default_tablespace = '';

SET default_table_access_method = heap;

CREATE TABLE public.link_update_attempts (
    identity text NOT NULL,
    attempt integer NOT NULL,
    site_id text NOT NULL,
    product text NOT NULL,
    product_url text NOT NULL,
    destination_url text NOT NULL,
    migrated_from text NOT NULL,
    migrated_from_override text,
    recreate_as_remote boolean NOT NULL,
    create_backup boolean NOT NULL,
    wave text NOT NULL,
    claimant text,
    claimed_at text NOT NULL,
    lease_until text NOT NULL,
    job_id text,
    submitted_at text,
    status text,
    completed_at text
);

CREATE TABLE public.link_update_ledger (
    version integer NOT NULL
);

CREATE TABLE public.link_update_limits (
    client text NOT NULL,
    quiet_until text NOT NULL
);

CREATE TABLE public.link_update_statuses (
    site_id text NOT NULL,
    job_id text NOT NULL,
    status text NOT NULL,
    since text NOT NULL
);

INSERT INTO public.link_update_attempts VALUES ('["site-eu", "jira", "https://eu.example.net", "https://us.example.net", "https://jira.example.com", null, true, "1"]', 1, 'site-eu', 'jira', 'https://eu.example.net', 'https://us.example.net', 'https://jira.example.com', NULL, true, true, '1', 'ansible.example.com/5d3c9a52-8f1e-4b7a-9c60-2e4b7d1f0a36/pid:[4026531836] 4711 88230', '2026-03-01T18:30:00.000000Z', '2026-03-01T18:31:00.000000Z', 'job-1', '2026-03-01T18:30:01.500000Z', 'COMPLETE', '2026-03-01T18:33:01.500000Z');
INSERT INTO public.link_update_attempts VALUES ('["site-eu", "jira", "https://eu.example.net", "https://ap.example.net", "https://jira.example.com", null, true, "1"]', 1, 'site-eu', 'jira', 'https://eu.example.net', 'https://ap.example.net', 'https://jira.example.com', NULL, true, false, '1', 'ansible.example.com/5d3c9a52-8f1e-4b7a-9c60-2e4b7d1f0a36/pid:[4026531836] 4711 88230', '2026-03-01T18:33:01.500000Z', '2026-03-01T18:34:01.500000Z', 'job-2', '2026-03-01T18:33:03.000000Z', 'ERROR', '2026-03-01T18:35:03.000000Z');
INSERT INTO public.link_update_attempts VALUES ('["site-eu", "jira", "https://eu.example.net", "https://au.example.net", "https://jira.example.com", "https://old.example.com", false, "2"]', 1, 'site-eu', 'jira', 'https://eu.example.net', 'https://au.example.net', 'https://jira.example.com', 'https://old.example.com', false, false, '2', 'ansible.example.com/5d3c9a52-8f1e-4b7a-9c60-2e4b7d1f0a36/pid:[4026531836] 4711 88230', '2026-03-01T18:35:03.000000Z', '2026-03-01T18:36:03.000000Z', 'job-3', '2026-03-01T18:35:04.500000Z', 'IN_PROGRESS', NULL);
INSERT INTO public.link_update_attempts VALUES ('["site-eu", "jira", "https://eu.example.net", "https://br.example.net", "https://jira.example.com", null, true, "1"]', 1, 'site-eu', 'jira', 'https://eu.example.net', 'https://br.example.net', 'https://jira.example.com', NULL, true, false, '1', NULL, '2026-03-01T18:36:04.500000Z', '2026-03-01T18:37:04.500000Z', NULL, NULL, NULL, NULL);
INSERT INTO public.link_update_attempts VALUES ('["site-eu", "jira", "https://eu.example.net", "https://ca.example.net", "https://jira.example.com", null, true, "1"]', 1, 'site-eu', 'jira', 'https://eu.example.net', 'https://ca.example.net', 'https://jira.example.com', NULL, true, false, '1', 'ansible.example.com/5d3c9a52-8f1e-4b7a-9c60-2e4b7d1f0a36/pid:[4026531836] 4711 88230', '2026-03-01T18:36:05.500000Z', '9999-12-31T00:00:00.000000Z', NULL, NULL, NULL, NULL);

INSERT INTO public.link_update_ledger VALUES (1);

INSERT INTO public.link_update_limits VALUES ('5a0d4c', '2026-03-01T18:37:35.500000Z');

INSERT INTO public.link_update_statuses VALUES ('site-eu', 'job-1', 'BACKUP', '2026-03-01T18:31:01.500000Z');
INSERT INTO public.link_update_statuses VALUES ('site-eu', 'job-1', 'IN_PROGRESS', '2026-03-01T18:32:01.500000Z');
INSERT INTO public.link_update_statuses VALUES ('site-eu', 'job-1', 'COMPLETE', '2026-03-01T18:33:01.500000Z');
INSERT INTO public.link_update_statuses VALUES ('site-eu', 'job-2', 'IN_PROGRESS', '2026-03-01T18:34:03.000000Z');
INSERT INTO public.link_update_statuses VALUES ('site-eu', 'job-2', 'ERROR', '2026-03-01T18:35:03.000000Z');
INSERT INTO public.link_update_statuses VALUES ('site-eu', 'job-3', 'IN_PROGRESS', '2026-03-01T18:36:04.500000Z');

ALTER TABLE ONLY public.link_update_attempts
    ADD CONSTRAINT link_update_attempts_pkey PRIMARY KEY (identity, attempt);

ALTER TABLE ONLY public.link_update_limits
    ADD CONSTRAINT link_update_limits_pkey PRIMARY KEY (client);

ALTER TABLE ONLY public.link_update_statuses
    ADD CONSTRAINT link_update_statuses_pkey PRIMARY KEY (site_id, job_id, since, status);

CREATE INDEX link_update_attempts_by_job ON public.link_update_attempts USING btree (site_id, job_id);
