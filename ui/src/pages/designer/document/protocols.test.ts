import { expect, it } from "vitest";

import { getAt, type Chain } from "@/pages/designer/document/chain";
import { usualProtocol, withProtocol } from "@/pages/designer/document/protocols";

const here: Chain = { chain_name: "c", tasks: [], options: { parties: ["alice", "bob"] } };

function apart(...names: string[]): Chain {
  const parties = Object.fromEntries(
    names.map((name) => [name, { address: `${name}.example:9100`, listen_addr: "0.0.0.0:9100" }]),
  );
  return { chain_name: "c", tasks: [], options: { sf_init_config: { parties } } };
}

it("names the protocol that each mode takes by itself", () => {
  expect(usualProtocol(here)).toBe("SEMI2K");
  expect(usualProtocol(apart("alice", "bob"))).toBe("CHEETAH");
  expect(usualProtocol(apart("alice", "bob", "carol"))).toBe("ABY3");
});

it("keeps parties meeting where they did when a protocol is chosen", () => {
  const nodes = ["options", "spu_config", "cluster_def", "nodes"];

  expect(getAt(withProtocol(apart("alice", "bob"), "CHEETAH"), nodes)).toEqual([
    { party: "alice", address: "alice.example:9100" },
    { party: "bob", address: "bob.example:9100" },
  ]);
  expect(getAt(withProtocol(here, "CHEETAH"), nodes)).toEqual([
    { party: "alice", address: "127.0.0.1:0" },
    { party: "bob", address: "127.0.0.1:0" },
  ]);
});
