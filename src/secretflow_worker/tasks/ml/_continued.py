"""Training that goes on from a saved model, which must fit what is asked for in every point.

All parties compare the same facts of the same manifests, so all of them refuse, or none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from secretflow_worker.contract.errors import ConfigError, ModelInvalid
from secretflow_worker.tasks._parties import Json, Model, Parties
from secretflow_worker.tasks._task import TaskDispatcher
from secretflow_worker.tasks.ml._training import TrainingConfig


def load_base_model(
    parties: Parties,
    config: TrainingConfig,
    features: Mapping[str, Sequence[str]],
    fixed_params: Mapping[str, Json],
) -> Model | None:
    """Load this party's folder of the model to go on from; None where the training starts anew.

    `features` are each party's, in the order of this training. `fixed_params` are those of the
    type's ``params`` that must be as they were, under the names that the type saved them by.

    Raises:
        ModelInvalid: altered, of other parties or another device, task type or version.
        ConfigError: other features, another label, or other fixed parameters.
    """
    if config.base_model is None:
        return None
    model = parties.load_model(config.base_model[parties.me])
    kind = TaskDispatcher.find(config.task_type, config.task_version)
    if (model.task_type, model.task_version) != (kind.name, kind.version):
        raise ModelInvalid(
            f"task_config.base_model: it is a model of {model.task_type}@{model.task_version}, "
            f"this task is {kind.name}@{kind.version}",
            hint="Go on from a model that the same task type trained.",
        )
    if (model.label_party, model.label) != (config.label_party, config.label):
        raise ConfigError(
            f"task_config.base_model: its label is {model.label!r} of {model.label_party}, "
            f"here it is {config.label!r} of {config.label_party}"
        )
    for party in parties.names:
        theirs, here = list(model.features.get(party, ())), list(features[party])
        if theirs != here:
            raise ConfigError(
                f"task_config.base_model: its features of {party} are {', '.join(theirs) or 'none'}"
                f"; here they are {', '.join(here) or 'none'}",
                hint="Name the same features of every party in the same order.",
            )
    for name, wanted in fixed_params.items():
        if (saved := model.parameters.get(name)) != wanted:
            raise ConfigError(
                f"task_config.params.{name}: the base model was trained with {saved!r}, "
                f"here it is {wanted!r}",
                hint=f"Leave {name} as it was, or train without base_model.",
            )
    return model
