"""A real OpenBao of a test's own: raft and TLS, sealed when it starts, unsealed when told."""

import subprocess
import sys
import time
from pathlib import Path

import hvac
import requests

from store.embedded import free_port
from tests.certificates import Authority

PROGRAM = Path(sys.executable).with_name("bao")
POLICY = """
path "transit/datakey/plaintext/dutchbook" { capabilities = ["update"] }
path "transit/decrypt/dutchbook" { capabilities = ["update"] }
path "transit/rewrap/dutchbook" { capabilities = ["update"] }
"""
CONFIGURATION = """
disable_mlock = true
api_addr = "https://127.0.0.1:{port}"
cluster_addr = "https://127.0.0.1:{cluster}"
storage "raft" {{ path = "{folder}/raft" }}
listener "tcp" {{
  address = "127.0.0.1:{port}"
  cluster_address = "127.0.0.1:{cluster}"
  tls_cert_file = "{crt}"
  tls_key_file = "{key}"
}}
"""


class OpenBao:
    """One server beneath `folder`; its operator's session is `root`."""

    def __init__(self, folder):
        self.folder, self.port = folder, free_port()
        self.authority = Authority(folder)
        crt, key = self.authority.server("bao")
        (folder / "raft").mkdir()
        text = CONFIGURATION.format(
            port=self.port, cluster=free_port(), folder=folder, crt=crt, key=key
        )
        (folder / "bao.hcl").write_text(text)
        self.url = f"https://127.0.0.1:{self.port}"
        self.root = hvac.Client(self.url, token="", verify=str(self.authority.ca))
        self._unseal, self._process = "", None

    def start(self):
        """Start it and wait until it answers; it is sealed then."""
        with (self.folder / "log").open("ab") as log:
            command = [str(PROGRAM), "server", f"-config={self.folder / 'bao.hcl'}"]
            self._process = subprocess.Popen(command, stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not self._answers():
            assert time.monotonic() < deadline, (self.folder / "log").read_text()[-2000:]
            time.sleep(0.05)

    def set_up(self):
        """Make the engine, its key and a role that may use it; return role id and secret id."""
        made = self.root.sys.initialize(secret_shares=1, secret_threshold=1)
        self._unseal, self.root.token = made["keys"][0], made["root_token"]
        self.unseal()
        self.root.sys.enable_secrets_engine("transit")
        self.root.secrets.transit.create_key("dutchbook")
        self.root.sys.create_or_update_acl_policy("dutchbook", POLICY)
        self.root.sys.enable_auth_method("approle")
        self.root.auth.approle.create_or_update_approle("dutchbook", token_policies=["dutchbook"])
        role = self.root.auth.approle.read_role_id("dutchbook")["data"]["role_id"]
        secret = self.root.auth.approle.generate_secret_id("dutchbook")["data"]["secret_id"]
        return role, secret

    def unseal(self):
        """Unseal it and wait until it leads."""
        self.root.sys.submit_unseal_key(self._unseal)
        deadline = time.monotonic() + 60
        while self._health() != 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)

    def kill(self):
        """End it without warning."""
        self._process.kill()
        self._process.wait()

    def _health(self):
        url, ca = f"{self.url}/v1/sys/health", str(self.authority.ca)
        return requests.get(url, verify=ca, timeout=5).status_code

    def _answers(self):
        try:
            self._health()
        except requests.ConnectionError:
            return False
        return True
