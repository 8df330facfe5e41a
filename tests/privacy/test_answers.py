"""What a worker tells of itself: no value of a table is in any announcement or answer."""

from __future__ import annotations

import json

from secretflow_worker.contract.asks import Answer
from tests.privacy.canaries import Haystack
from tests.privacy.world import PARTIES, World
from tests.worker.asking import ask, code_of, node_of


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


def test_a_report_is_told_without_a_value_of_a_row(world: World) -> None:
    canaries = world.canaries
    scores = [number / 1000 for number in canaries.numbers("alice", 60)]
    canaries.know("alice", scores)
    columns: dict[str, list[float]] = {"y": [at % 2 for at in range(60)], "pred": scores}
    table, report = world.write("alice", "told.csv", columns), world.at("alice", "told.json")
    world.run(
        {
            "task_type": "biclassification_eval",
            "prediction_data": {"alice": table},
            "label_column": "y",
            "prediction_column": "pred",
            "output_report": report,
        }
    )
    kept = [Haystack("the file", (world.house("alice") / "told.json").read_bytes())]
    assert canaries.leaks(kept), "the whole file holds scores, so there is what to keep"
    charted = {"kind": "line", "id": canaries.text("alice"), "x": scores}
    no_report = {"task_type": "psi", "task_version": 1, "charts": [charted]}
    (world.house("alice") / "no-report.json").write_text(json.dumps(no_report))

    def told(path: str) -> Answer:
        return ask(world.client.redis, "report", "alice", "worker", path=path)

    answers = [told(report), *(told(world.at("alice", name)) for name in NO_REPORTS)]
    assert answers[0].report is not None
    assert answers[0].report.document["charts"]
    assert {code_of(answer) for answer in answers[1:]} == {"INPUT_INVALID"}
    haystacks = [
        Haystack(f"answer {number}", answer.model_dump_json().encode())
        for number, answer in enumerate(answers)
    ]
    assert not canaries.leaks(haystacks)
    world.assert_silent()


NO_REPORTS = ("no-report.json", "told.csv", "train.csv")
