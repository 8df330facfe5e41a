"""What a worker tells of itself: no value of a table is in any announcement or answer."""

from __future__ import annotations

from tests.privacy.canaries import Haystack
from tests.privacy.world import PARTIES, World
from tests.worker.asking import ask, node_of


def test_answers_hold_no_value(world: World) -> None:
    number = world.canaries.number("alice")
    with (world.house("alice") / "bare.csv").open("w") as file:
        file.write(f"{number},{world.canaries.text('alice')}\n{number},x\n")
    encode = {
        "task_type": "onehot_encoder",
        "input_data": world.paths("train.csv"),
        "output_data": world.paths("answers/wide.csv"),
        "rules_output": world.paths("answers/rules.json"),
        "columns": {party: [f"kind_{party}"] for party in PARTIES},
    }
    done, failed = (
        world.client.request(encode),
        world.client.request({**encode, "columns": ["note"]}),
    )
    assert world.client.send(done).get(timeout=100)
    world.client.send(failed).get(timeout=100, propagate=False)

    redis, name = world.client.redis, "worker"
    told = [node_of(redis, name).model_dump_json()]
    for party in PARTIES:
        root = f"{world.house(party)}/"
        told.append(ask(redis, "files", party, name, prefix=root, limit=1000).model_dump_json())
        assert "x_" in told[-1], "the answer tells something"
        for request in (done, failed):
            answer = ask(
                redis, "logs", party, name,
                execution_id=request["execution_id"], level="DEBUG", limit=1000,
            )  # fmt: skip
            assert answer.logs is not None
            assert answer.logs.lines
            told.append(answer.model_dump_json())
        rules = world.at(party, "answers/rules.json")
        answer = ask(redis, "model", party, name, path=rules)
        assert answer.model is not None
        told.append(answer.model_dump_json())
        for path in (world.at(party, "train.csv"), world.at(party, "bare.csv")):
            told.append(ask(redis, "model", party, name, path=path).model_dump_json())
            answer = ask(redis, "fingerprints", party, name, paths=[path])
            told.append(answer.model_dump_json())
    haystacks = [Haystack(f"answer {number}", text.encode()) for number, text in enumerate(told)]
    assert not world.canaries.leaks(haystacks)
    world.assert_silent()
