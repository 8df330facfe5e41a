import type { Model } from "@/api/models";
import type { Chain, JsonObject } from "@/pages/designer/document/chain";

/**
 * A new chain with one task that predicts by a model: its shares, its parties, who receives.
 *
 * Which tables to predict and where the predictions go is left for the person to say; the form
 * asks for both.
 */
export function predictingWith(model: Model, name: string): Chain {
  const { prediction_receiver, label_party, id_columns } = model.parameters as JsonObject;
  const receiver = [prediction_receiver, label_party, model.parties[0]].find(
    (party) => typeof party === "string",
  );
  return {
    chain_name: name,
    tasks: [
      {
        task_id: "predict",
        task_type: "predict",
        task_params: {
          task_config: {
            model: model.holders,
            ...(receiver === undefined ? {} : { receiver }),
            ...(id_columns == null ? {} : { id_columns }),
          },
        },
      },
    ],
    options: { parties: model.parties },
  };
}
