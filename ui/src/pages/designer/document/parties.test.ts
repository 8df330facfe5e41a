import { expect, it } from "vitest";

import { configOf, findTask, partiesOf } from "@/pages/designer/document/chain";
import { kinds, offers } from "@/pages/designer/document/known";
import {
  addParty,
  freeParty,
  removeParty,
  renameParty,
  withOwnWorkers,
} from "@/pages/designer/document/parties";
import { EMPTY } from "@/pages/designer/document/store";
import { addTask } from "@/pages/designer/document/tasks";

const known = { kinds, offers: {} };
const psi = addTask(EMPTY, kinds.get("psi")!, known).chain;
const two = addTask(psi, kinds.get("standard_scaler")!, known, "psi").chain;
const config = (chain: typeof two, id: string) => configOf(findTask(chain, id)!);

it("renames a party in names, references and files", () => {
  const chain = renameParty(two, "alice", "bank");
  expect(partiesOf(chain)).toEqual(["bank", "bob"]);
  expect(config(chain, "standard_scaler").input_data).toMatchObject({
    bank: "${tasks.psi.result.output_paths.bank}",
  });
  expect(config(chain, "psi").output_paths).toMatchObject({
    bank: "/data/bank/new-chain/psi_bank.csv",
  });
  expect(JSON.stringify(chain)).not.toContain("alice");
});

it("adds a party to what every party does, and takes it away again", () => {
  const three = addParty(two, kinds, offers, "carol");
  expect(partiesOf(three)).toHaveLength(3);
  expect(config(three, "standard_scaler").input_data).toMatchObject({
    carol: "${tasks.psi.result.output_paths.carol}",
  });
  expect(config(three, "psi").output_paths).toHaveProperty("carol");
  expect(removeParty(three, "carol")).toEqual(two);
});

it("finds a name that is free", () => {
  expect(freeParty(["alice", "bob"])).toBe("carol");
});

it("knows which parties are at workers of their own", () => {
  const nodes = [{ party: "bob" }, { party: "carol" }, { party: null }];

  expect(withOwnWorkers(["alice", "bob"], nodes)).toEqual(["bob"]);
});
