import { getAt, partiesOf, setAt, type Chain } from "@/pages/designer/document/chain";

const PLACE = ["options", "spu_config"];

/** The protocol that a chain asks for; undefined: the default of its mode. */
export function protocolOf(chain: Chain): string | undefined {
  const found = getAt(chain, [...PLACE, "cluster_def", "runtime_config", "protocol"]);
  return typeof found === "string" ? found : undefined;
}

/** Return the chain with a protocol asked for, over the field that suits it; else with none. */
export function withProtocol(chain: Chain, protocol: string | undefined): Chain {
  if (protocol === undefined) return setAt(chain, PLACE, undefined);
  const field = protocol === "SEMI2K" ? "FM128" : "FM64";
  const known = getAt(chain, [...PLACE, "cluster_def", "nodes"]);
  const nodes = Array.isArray(known)
    ? known
    : partiesOf(chain).map((party) => ({ party, address: "127.0.0.1:0" }));
  return setAt(chain, PLACE, {
    ...(getAt(chain, PLACE) as object | undefined),
    cluster_def: { nodes, runtime_config: { protocol, field } },
  });
}
