# Copyright: (c) 2026, The jira_cloud.federation authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is left of the address of a page, and which paths are left alone."""

from __future__ import annotations

import pytest
from ansible_collections.jira_cloud.federation.plugins.module_utils._errors import InvalidOption
from ansible_collections.jira_cloud.federation.plugins.module_utils._pages import context_path, looks_like_a_page
from ansible_collections.jira_cloud.federation.plugins.module_utils._urls import base_url, page_notice, product_url
from hypothesis import given
from hypothesis import strategies as st

EU = "https://eu.example.atlassian.net"
OLD = "https://jira.example.com"
#: Pages of Jira and Confluence Data Center that are certainly none of a context path.
PAGES = (
    "/browse/ABC-1",
    "/browse/ABC",
    "/browse/abc_2-17/",
    "/secure/Dashboard.jspa",
    "/secure/RapidBoard.jspa",
    "/secure/admin/ViewApplicationProperties.jspa",
    "/login.jsp",
    "/login.jsp;jsessionid=0123ABCD.node1",
    "/secure/Dashboard.jspa;jsessionid=0123ABCD",
    "/dashboard.action",
    "/login.action",
    "/pages/viewpage.action",
    "/spaces/viewspace.action",
    "/admin/viewgeneralconfig.action",
)
EXTRAS = ("", "?a=b&c=https://d.example.com/e", "#comment-1", "?rapidView=1#top", "?")


@pytest.mark.parametrize("extra", EXTRAS)
@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_a_data_center_instance_is_taken_off_its_base_url(page: str, extra: str) -> None:
    for base in (OLD, f"{OLD}/jira", "http://localhost:8080/apps/issues"):
        given = f"{base}{page}{extra}"
        assert base_url("migrated_from", given) == base
        assert page_notice("migrated_from", given, base)


@pytest.mark.parametrize(
    ("page", "product"),
    [
        ("/browse/ABC-1", ""),
        ("/jira/software/c/projects/ABC/boards/1", ""),
        ("/jira/your-work", ""),
        ("/secure/Dashboard.jspa", ""),
        ("/login.jsp", ""),
        ("/login", ""),
        ("/projects/ABC/issues/ABC-1", ""),
        ("/issues/", ""),
        ("/plugins/servlet/ac/some.app/page", ""),
        ("/servicedesk/customer/portals", ""),
        ("/people/5b10ac8d82e05b22cc7d4ef5", ""),
        ("/wiki/spaces/ABC/pages/1/A+page", "/wiki"),
        ("/wiki/home", "/wiki"),
        ("//wiki/", "/wiki"),
    ],
)
@pytest.mark.parametrize("extra", EXTRAS)
@pytest.mark.parametrize("rule", [product_url, base_url])
def test_a_page_of_a_cloud_site_is_taken_off_the_url_of_its_product(
    rule: type[product_url], page: str, product: str, extra: str
) -> None:
    used = rule("product_url", f"{EU}{page}{extra}")
    assert used == f"{EU}{product}"
    assert page_notice("product_url", f"{EU}{page}{extra}", used)


@pytest.mark.parametrize(
    "url", [EU, f"{EU}/", f"{EU}//", f"{EU}/wiki", f"{EU}/wiki//", "HTTPS://EU.example.atlassian.NET:443/"]
)
def test_nothing_is_said_of_a_url_that_is_used_as_it_is(url: str) -> None:
    assert page_notice("product_url", url, product_url("product_url", url)) is None


@pytest.mark.parametrize("base", [OLD, f"{OLD}/jira/", "http://JIRA.example.com:80/Apps/Issues", f"{OLD}/browse.old"])
def test_nothing_is_said_of_a_base_url_that_is_used_as_it_is(base: str) -> None:
    assert page_notice("migrated_from", base, base_url("migrated_from", base)) is None


@pytest.mark.parametrize("path", ["/rest/api/3", "/secured", "/Wiki", "/wikis", "/jira2", "/admin", "/browse%2fABC-1"])
def test_a_path_of_a_cloud_site_that_is_unknown_is_refused_with_both_urls_it_may_mean(path: str) -> None:
    for rule in (product_url, base_url):
        with pytest.raises(InvalidOption) as failure:
            rule("product_url", f"{EU}{path}?token=s3cret")
        assert str(failure.value) == (
            f"product_url {EU}{path}?... has a path. A Jira URL has none, a Confluence URL has /wiki. "
            f"Use {EU} for Jira, or {EU}/wiki for Confluence"
        )


@pytest.mark.parametrize(
    "path",
    [
        "/browse",
        "/browse/ABC-1/attachments",
        "/browse/browse/ABC-1",
        "/projects/ABC/summary",
        "/PROJECTS/ABC",
        "/issues/?jql=project+%3D+ABC",
        "/secure/attachment/1/plan.pdf",
        "/secure",
        "/login",
        "/rest/api/2/serverInfo",
        "/plugins/servlet/applinks/listApplicationLinks",
        "/servicedesk/customer/portal/1",
        "/display/ABC/A+page",
        "/x/AbCd",
        "/wiki/spaces/ABC/overview",
        "/confluence/pages/1",
        "/plugins/some/page.action",
        "/unknown.jspa",
        "/index.jsp",
        "/jira/index.html",
        "?selectedIssue=ABC-1",
        "/jira#top",
        "/jira/?filter=1",
    ],
)
def test_what_may_be_a_page_is_refused_with_where_the_base_url_is_shown(path: str) -> None:
    with pytest.raises(InvalidOption) as failure:
        base_url("migrated_from", f"{OLD}{path}")
    assert "looks like the address of a page, not like a base URL" in failure.value.failure.what
    assert "Jira shows it under System > General configuration" in failure.value.failure.advice


@pytest.mark.parametrize(
    "path",
    [
        "/jira",
        "/apps/issues",
        "/issues/",
        "/issues/jira",
        "/projects",
        "/j2/JIRA",
        "/secured",
        "/browser",
        "/restful",
        "/wiki",
    ],
)
def test_a_context_path_is_left_alone(path: str) -> None:
    assert context_path(path) == path
    assert not looks_like_a_page(path)


@pytest.mark.parametrize(
    ("end", "shown"),
    [
        ("/login.jsp?os_username=ann&os_password=s3cret", "/login.jsp?..."),
        ("/login.jsp#s3cret", "/login.jsp#..."),
        ("/login.jsp;jsessionid=s3cret?x", "/login.jsp;jsessionid=..."),
        ("/secure/Dashboard.jspa;JSESSIONID=s3cret", "/secure/Dashboard.jspa;JSESSIONID=..."),
    ],
)
def test_what_is_said_of_a_page_has_no_secret_of_it(end: str, shown: str) -> None:
    given = f"{OLD}/jira{end}"
    notice = page_notice("migrated_from", given, base_url("migrated_from", given))
    assert notice == f"migrated_from {OLD}/jira{shown} is the address of a page; using {OLD}/jira"


@pytest.mark.parametrize("end", ["/rest?os_password=s3cret", "/x y?os_password=s3cret", ":x/?p=s3cret", "?p=s3cret"])
def test_a_refusal_has_no_secret_of_a_page(end: str) -> None:
    for rule in (product_url, base_url):
        for base in (OLD, EU, "http://eu.example.net"):
            with pytest.raises(InvalidOption) as failure:
                rule("product_url", f"{base}{end}")
            assert "s3cret" not in str(failure.value)


CONTEXT = st.lists(st.from_regex(r"[a-z][a-z0-9-]{0,7}", fullmatch=True), max_size=2).map(
    lambda parts: "".join(f"/{part}" for part in parts)
)


@given(CONTEXT, st.sampled_from(PAGES), st.sampled_from(EXTRAS))
def test_a_page_has_the_base_url_of_its_instance_or_is_refused(context: str, page: str, extra: str) -> None:
    """Whatever the context path: never a third URL."""
    try:
        used = base_url("migrated_from", f"{OLD}{context}{page}{extra}")
    except InvalidOption:
        assert looks_like_a_page(f"{context}/")
        return
    assert used == f"{OLD}{context}"
