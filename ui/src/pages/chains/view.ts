import type { ChainQuery, ChainStatus, ChainType } from "@/api/chains";

export const STATUSES: readonly ChainStatus[] = [
  "PENDING",
  "RUNNING",
  "PAUSED",
  "SUCCESS",
  "FAILURE",
  "CANCELLED",
];
export const TYPES: readonly ChainType[] = ["sequential", "parallel", "chord", "complex"];
export const SORTS = ["created_at", "updated_at", "chain_name", "status"] as const;
export const PAGE_SIZES = [20, 50, 100];
export const NEWEST = "-created_at";

/** What the list shows. It stands in the address, so that it can be sent to somebody. */
export interface View {
  readonly name: string;
  readonly status: ChainStatus | undefined;
  readonly type: ChainType | undefined;
  readonly owner: string;
  readonly sort: string;
  readonly page: number;
  readonly size: number;
}

const known = <T extends string>(all: readonly T[], given: string | null) =>
  all.find((each) => each === given);

/** Read a view from an address; what does not fit is as if it were not there. */
export function readView(params: URLSearchParams): View {
  const sort = params.get("sort") ?? NEWEST;
  const page = Number(params.get("page"));
  const size = Number(params.get("size"));
  return {
    name: params.get("name") ?? "",
    status: known(STATUSES, params.get("status")),
    type: known(TYPES, params.get("type")),
    owner: params.get("owner") ?? "",
    sort: known(SORTS, sort.replace(/^-/, "")) ? sort : NEWEST,
    page: Number.isInteger(page) && page >= 1 ? page : 1,
    size: PAGE_SIZES.includes(size) ? size : 20,
  };
}

/** Write a view to an address; what is as it was at first is left out. */
export function writeView(view: View): URLSearchParams {
  const params = new URLSearchParams();
  const put = (name: string, value: string | undefined, usual = "") => {
    if (value !== undefined && value !== usual) params.set(name, value);
  };
  put("name", view.name);
  put("status", view.status);
  put("type", view.type);
  put("owner", view.owner);
  put("sort", view.sort, NEWEST);
  put("page", String(view.page), "1");
  put("size", String(view.size), "20");
  return params;
}

/** Whether the list leaves anything out. */
export function isNarrowed(view: View): boolean {
  return view.name !== "" || view.owner !== "" || Boolean(view.status ?? view.type);
}

/** The view as the API is asked for it. */
export function queryOf(view: View): ChainQuery {
  return {
    page: view.page,
    page_size: view.size,
    sort: view.sort,
    ...(view.name.trim() === "" ? {} : { name: view.name.trim() }),
    ...(/^[\w.@-]{1,64}$/.test(view.owner) ? { created_by: view.owner } : {}),
    ...(view.status ? { status: view.status } : {}),
    ...(view.type ? { chain_type: view.type } : {}),
  };
}
