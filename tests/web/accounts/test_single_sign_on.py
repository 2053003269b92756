"""Single sign-on against a small provider of OpenID Connect that the test runs itself."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import jwt
import pytest
from allauth.socialaccount.models import SocialAccount
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client

from coachline.web.accounts.models import User
from coachline.web.config import environment
from tests.web.conftest import PASSWORD

pytestmark = pytest.mark.django_db
CLIENT, SECRET = "coachline", "between-the-two-of-us"
START = "/login/oidc/company/login/"


class Provider(ThreadingHTTPServer):
    """Discovery, authorisation, token, keys and user info, for whoever `person` is."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.person: dict[str, Any] = {"sub": "4711", "preferred_username": "director", "name": "王主任"}
        self.audience = CLIENT
        self.refuses = False
        self.asked: dict[str, dict[str, str]] = {}

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def signed(self) -> str:
        now = int(time.time())
        claims = {**self.person, "iss": self.address, "aud": self.audience, "iat": now, "exp": now + 300}
        return jwt.encode(claims, self.key, "RS256", headers={"kid": "one"})


class Answers(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        at = self.server.address
        if parts.path == "/.well-known/openid-configuration":
            return self.say(
                issuer=at,
                authorization_endpoint=f"{at}/authorize",
                token_endpoint=f"{at}/token",
                jwks_uri=f"{at}/keys",
                userinfo_endpoint=f"{at}/userinfo",
                token_endpoint_auth_methods_supported=["client_secret_basic"],
            )
        if parts.path == "/keys":
            return self.say(
                keys=[{**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(self.server.key.public_key())), "kid": "one", "alg": "RS256"}]
            )
        if parts.path == "/userinfo":
            if self.headers["Authorization"] != "Bearer opened":
                return self.send_error(401)
            return self.say(**self.server.person)
        assert parts.path == "/authorize" and asked["client_id"] == CLIENT and "openid" in asked["scope"].split(), asked
        self.server.asked["code-1"] = asked
        back = {"error": "access_denied"} if self.server.refuses else {"code": "code-1"}
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode({**back, 'state': asked['state']})}")
        self.end_headers()
        return None

    def do_POST(self) -> None:
        form = {k: v[0] for k, v in parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode()).items()}
        wanted = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        first = self.server.asked.pop(form.get("code", ""), None)
        if self.headers["Authorization"] != wanted or first is None or form["redirect_uri"] != first["redirect_uri"]:
            return self.send_error(401)
        if "code_challenge" in first:
            digest = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest()).rstrip(b"=").decode()
            assert digest == first["code_challenge"]
        return self.say(access_token="opened", token_type="Bearer", expires_in=300, id_token=self.server.signed())

    def say(self, **content: Any) -> None:
        body = json.dumps(content).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def provider(in_service: Any, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    server = Provider()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for name, value in {"SERVER": server.address, "CLIENT": CLIENT, "SECRET": SECRET, "NAME": "集团统一认证"}.items():
        monkeypatch.setenv(f"COACHLINE_OIDC_{name}", value)
    settings.SOCIALACCOUNT_PROVIDERS = environment.single_sign_on()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def through(client: Client, start: str = START) -> Any:
    """Go the way of a browser: to the provider and back."""
    leaving = client.get(start)
    assert leaving.status_code == 302, leaving.content.decode()[:300]
    with pytest.raises(urllib.error.HTTPError) as back:
        urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay).open(leaving["Location"], timeout=5)
    assert back.value.code == 302
    there = urlsplit(back.value.headers["Location"])
    assert there.netloc == "testserver"
    return client.get(f"{there.path}?{there.query}")


def test_the_button_stands_on_the_login_page_only_where_there_is_a_provider(provider: Provider) -> None:
    page = Client().get("/login/?next=/org/").content.decode()
    assert "用集团统一认证登录" in page and START in page


def test_a_known_name_signs_in_and_is_known_by_number_from_then_on(provider: Provider) -> None:
    client = Client()
    assert through(client).status_code == 302
    assert client.get("/me/").context["user"].username == "director"
    account = SocialAccount.objects.get()
    assert account.uid == "4711" and account.user.username == "director"
    # Somebody renames the account over there: the number counts, not the name.
    provider.person = {**provider.person, "preferred_username": "administrator"}
    again = Client()
    through(again)
    assert again.get("/me/").context["user"].username == "director"
    assert SocialAccount.objects.count() == 1 and User.objects.filter(username="director").count() == 1


def test_upper_and_lower_case_are_the_same(provider: Provider) -> None:
    provider.person = {**provider.person, "preferred_username": "Director"}
    client = Client()
    through(client)
    assert client.get("/me/").context["user"].username == "director"


def test_where_one_wanted_to_go_is_where_one_arrives(provider: Provider) -> None:
    assert through(Client(), f"{START}?process=login&next=%2Forg%2F")["Location"] == "/org/"
    assert "evil" not in through(Client(), f"{START}?process=login&next=https%3A%2F%2Fevil.example%2F")["Location"]


def test_a_first_password_is_no_matter_to_whoever_comes_this_way(provider: Provider) -> None:
    User.objects.filter(username="director").update(must_change_password=True)
    client = Client()
    through(client)
    assert client.get("/me/").status_code == 200
    by_password = Client()
    by_password.post("/login/", {"login": "director", "password": PASSWORD})
    assert by_password.get("/me/").status_code == 302


@pytest.mark.parametrize("name", ["stranger", ""])
def test_a_name_that_nobody_has_opens_nothing_and_makes_nothing(provider: Provider, name: str) -> None:
    provider.person = {"sub": "4712", "preferred_username": name}
    users, client = User.objects.count(), Client()
    answer = through(client)
    assert answer.status_code == 403 and "请联系系统管理员开通账号" in answer.content.decode()
    assert (name in answer.content.decode()) and User.objects.count() == users and not SocialAccount.objects.exists()
    assert client.get("/me/").status_code == 302


def test_a_closed_account_does_not_open_the_first_time_nor_later(provider: Provider) -> None:
    through(Client())
    User.objects.filter(username="director").update(is_active=False)
    for known in (True, False):
        if not known:
            SocialAccount.objects.all().delete()
        client = Client()
        answer = through(client)
        if answer.status_code == 302:
            answer = client.get(answer["Location"])
        assert "账号已停用" in answer.content.decode()
        assert client.get("/me/").status_code == 302


def test_calling_it_off_over_there_ends_on_a_page_of_ours(provider: Provider) -> None:
    provider.refuses = True
    client = Client()
    answer = through(client)
    if answer.status_code == 302:
        answer = client.get(answer["Location"])
    assert "登录已取消" in answer.content.decode()


def test_a_token_for_another_application_opens_nothing(provider: Provider) -> None:
    provider.audience = "somebody-else"
    client = Client()
    answer = through(client)
    assert "统一登录没有成功" in answer.content.decode()
    assert client.get("/me/").status_code == 302


def test_an_answer_that_nobody_asked_for_opens_nothing(provider: Provider) -> None:
    client = Client()
    answer = client.get("/login/oidc/company/login/callback/?code=code-1&state=made-up")
    assert "统一登录没有成功" in answer.content.decode()
    assert client.get("/me/").status_code == 302


def test_a_provider_that_does_not_answer_ends_on_a_page_of_ours(provider: Provider, settings: Any, user_of: Callable[[str], User]) -> None:
    [app] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    app["settings"]["server_url"] = "http://127.0.0.1:9"
    answer = Client().get(START)
    assert answer.status_code in (200, 500, 503) and "测试中心" in answer.content.decode()


def test_without_a_provider_there_is_no_such_address(in_service: Any) -> None:
    assert Client().get(START).status_code == 404
