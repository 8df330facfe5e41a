"""The guide to cluster mode, followed on one machine: command by command, at both parties."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from secretflow_worker.engine.ports import PortLease
from tests.cli.conftest import SFW, clean_environment
from tests.conftest import eventually, write_csv
from tests.docs.shown import GUIDES, blocks, commands

pytestmark = pytest.mark.timeout(300)  # two workers start, on a busy machine slowly

GUIDE = GUIDES / "cluster.md"
TWO = ("alice", "bob")
PEERS = {"alice": "bob", "bob": "alice"}
FINGERPRINT = re.compile(r"fingerprint\s+([0-9A-F:]{95})")


class House:
    """One party's terminals; the places that the guide names are folders of this one."""

    def __init__(self, party: str, folder: Path, ports: dict[str, int]) -> None:
        self.party, self.folder, self.ports = party, folder, ports
        for name in ("certs", "data", "home"):
            (folder / name).mkdir(parents=True)

    def put(self, text: str) -> str:
        """Return a text of the guide with this house's places and the machine's ports."""
        for party, port in self.ports.items():
            text = text.replace(f"{party}.example:9100", f"127.0.0.1:{port}")
            text = text.replace(f"{party}.example", "127.0.0.1")
        for there, here in (
            ("/srv/sfw/data", "data"), ("/var/lib/sfw", "state"), ("/etc/sfw", ""),
        ):  # fmt: skip
            text = text.replace(there, str(self.folder / here))
        return text

    def start(self, command: str) -> subprocess.Popen[bytes]:
        environment = clean_environment(self.folder / "home")
        path = f"{SFW.parent}{os.pathsep}{environment['PATH']}"
        return subprocess.Popen(
            ["bash", "-c", f"exec {self.put(command)}"], cwd=self.folder,
            env={**environment, "PATH": path}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def run(self, command: str) -> str:
        return self.end(self.start(command))

    def end(self, started: subprocess.Popen[bytes]) -> str:
        told = started.communicate(timeout=100)[0].decode()
        assert started.returncode == 0, told
        return told


@pytest.fixture
def houses(tmp_path: Path) -> Iterator[dict[str, House]]:
    lease = PortLease(2, (20000, 31999))
    ports = dict(zip(TWO, lease.ports, strict=True))
    yield {party: House(party, tmp_path / party, ports) for party in TWO}
    lease.release()


def test_both_parties_follow_the_guide(houses: dict[str, House]) -> None:
    said = {party: [c.text for c in commands(GUIDE) if c.at == party] for party in TWO}
    init, show, policy, up, doctor, submit = said["alice"]
    of_bob = dict(zip(("init", "policy", "up", "submit"), said["bob"], strict=True))
    alice, bob = houses["alice"], houses["bob"]

    alice.run(init)
    bob.run(of_bob["init"])
    for here, there in ((alice, bob), (bob, alice)):
        name = f"{here.party}.crt"
        (there.folder / "certs" / name).write_bytes((here.folder / "certs" / name).read_bytes())
    prints = dict(zip(TWO, FINGERPRINT.findall(alice.run(show)), strict=True))
    for house, making in ((alice, policy), (bob, of_bob["policy"])):
        house.run(making)
        allow(house, prints[PEERS[house.party]])
    write_csv(alice.folder / "data/people.csv", {"uid": ["u1", "u2"], "age": [31, 45]})
    write_csv(bob.folder / "data/buyers.csv", {"uid": ["u2", "u3"], "spent": [1, 2]})

    running = [alice.start(f"{up} --no-web"), bob.start(f"{of_bob['up']} --no-web")]
    try:
        for house in houses.values():
            eventually((house.folder / "state/up.json").exists, 90)
        assert "\nfail" not in f"\n{alice.run(doctor)}"
        for house in houses.values():
            ask(house)
        sent = alice.start(submit), bob.start(of_bob["submit"])
        told = alice.end(sent[0])
        bob.end(sent[1])
    finally:
        for each in running:
            each.terminate()
            each.communicate(timeout=60)

    outcome = json.loads(told[told.index("\n{") :])
    assert outcome["result"]["intersection_count"] == 1
    assert outcome["task_metadata"]["security"]["mutual_tls"] is True
    assert (alice.folder / "data/common.csv").read_text() == "uid,age\nu2,45\n"
    assert not (bob.folder / "data/common.csv").exists()


def allow(house: House, fingerprint: str) -> None:
    """Write the policy that the guide shows; bob's as it says in words."""
    (shown,) = blocks(GUIDE, "toml")
    lent = 'receivers.intersection = ["alice"]'
    assert f"`{lent}`" in GUIDE.read_text("utf-8")
    if house.party == "bob":
        shown = shown.replace('"alice"', '"me"').replace('"bob"', '"alice"').replace("me", "bob")
        shown = shown.replace("\n[[peers]]", f"{lent}\n\n[[peers]]")
    shown = shown.replace('fingerprint = "..."', f'fingerprint = "{fingerprint}"')
    (house.folder / f"{house.party}.toml").write_text(house.put(shown))


def ask(house: House) -> None:
    """Write the party's message; each sees its own paths."""
    (shown,) = blocks(GUIDE, "json")
    request = json.loads(house.put(shown))
    cluster = request["sf_init_config"]
    cluster["self_party"] = house.party
    for party, port in house.ports.items():
        cluster["parties"][party]["listen_addr"] = f"0.0.0.0:{port}"
    (house.folder / f"joint.{house.party}.json").write_text(json.dumps(request))
