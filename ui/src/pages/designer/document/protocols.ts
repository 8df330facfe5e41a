import {
  getAt,
  isObject,
  partiesOf,
  setAt,
  type Chain,
  type Json,
} from "@/pages/designer/document/chain";
import { hasPlainParties } from "@/pages/designer/document/parties";

export const PROTOCOLS = ["SEMI2K", "CHEETAH", "ABY3"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

const PLACE = ["options", "spu_config"];

/** The protocol that a chain asks for; undefined: the default of its mode. */
export function protocolOf(chain: Chain): Protocol | undefined {
  const found = getAt(chain, [...PLACE, "cluster_def", "runtime_config", "protocol"]);
  return PROTOCOLS.find((each) => each === found);
}

/** The default: on one machine the quickest; between workers one that needs no trusted dealer. */
export function usualProtocol(chain: Chain): Protocol {
  if (hasPlainParties(chain)) return "SEMI2K";
  return ({ 2: "CHEETAH", 3: "ABY3" } as const)[partiesOf(chain).length] ?? "SEMI2K";
}

/** The field that suits a protocol. */
export function fieldOf(protocol: Protocol): "FM64" | "FM128" {
  return protocol === "SEMI2K" ? "FM128" : "FM64";
}

/** Return the chain with a protocol asked for, over the field that suits it; else with none. */
export function withProtocol(chain: Chain, protocol: Protocol | undefined): Chain {
  if (protocol === undefined) return setAt(chain, PLACE, undefined);
  const field = fieldOf(protocol);
  const known = getAt(chain, [...PLACE, "cluster_def", "nodes"]);
  const addresses = addressesOf(chain);
  const nodes = Array.isArray(known)
    ? known
    : partiesOf(chain).map((party) => ({ party, address: addresses[party] ?? "127.0.0.1:0" }));
  return setAt(chain, PLACE, {
    ...(getAt(chain, PLACE) as object | undefined),
    cluster_def: { nodes, runtime_config: { protocol, field } },
  });
}

/** Where each party is met, of a chain whose parties are each at a worker of their own. */
function addressesOf(chain: Chain): Record<string, Json | undefined> {
  const parties = getAt(chain, ["options", "sf_init_config", "parties"]);
  if (!isObject(parties)) return {};
  return Object.fromEntries(
    Object.entries(parties).map(([party, at]) => [party, isObject(at) ? at.address : undefined]),
  );
}
