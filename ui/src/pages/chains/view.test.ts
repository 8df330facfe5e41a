import { expect, it } from "vitest";

import { isNarrowed, NEWEST, queryOf, readView, writeView } from "./view";

const read = (text: string) => readView(new URLSearchParams(text));

it("reads back what it writes", () => {
  const text =
    "name=credit+%26+risk&status=FAILURE&type=chord&owner=ann&sort=-status&page=3&size=50";
  expect(writeView(read(text)).toString()).toBe(text);
  expect(writeView(read("")).toString()).toBe("");
});

it("takes an address that does not fit as if it were not there", () => {
  const view = read("status=rm&type=x&sort=password&page=-1&size=1000000");
  expect(view).toEqual(read(""));
  expect(view.sort).toBe(NEWEST);
});

it("asks the API for nothing that it refuses", () => {
  expect(queryOf(read("name=++&owner=a%20b"))).toEqual({ page: 1, page_size: 20, sort: NEWEST });
  expect(queryOf(read("owner=ann&status=PAUSED&page=2"))).toEqual({
    page: 2,
    page_size: 20,
    sort: NEWEST,
    created_by: "ann",
    status: "PAUSED",
  });
});

it("knows when something is left out", () => {
  expect(isNarrowed(read("page=2&sort=status"))).toBe(false);
  expect(isNarrowed(read("status=PENDING"))).toBe(true);
  expect(isNarrowed(read("name=a"))).toBe(true);
});
