import { render, screen } from "@testing-library/react";
import { expect, it, vi } from "vitest";

import { Listing } from "./Listing";

interface Line {
  readonly name: string;
  readonly rows: number;
}

const lines: Line[] = [
  { name: "people.csv", rows: 12 },
  { name: "orders.csv", rows: 34 },
];

function show(width: number) {
  vi.spyOn(window, "matchMedia").mockImplementation((query) => {
    const most = /max-width: (\d+)px/.exec(query)?.[1];
    const matches = most !== undefined && width <= Number(most);
    return { matches, addEventListener() {}, removeEventListener() {} } as never;
  });
  return render(
    <Listing<Line>
      rowKey="name"
      dataSource={lines}
      pagination={false}
      columns={[
        { key: "name", title: "Table", dataIndex: "name" },
        { key: "rows", title: "Rows", render: (_, line, at) => `${at}: ${line.rows}` },
      ]}
    />,
  );
}

it("is a table where there is room for its columns", () => {
  show(1440);
  expect(screen.getAllByRole("columnheader").map((each) => each.textContent)).toEqual([
    "Table",
    "Rows",
  ]);
  expect(screen.getByRole("cell", { name: "1: 34" })).toBeTruthy();
});

it("tells every column of a row below its name on a phone", () => {
  const { container } = show(360);
  expect(screen.queryAllByRole("columnheader")).toEqual([]);
  const told = [...container.querySelectorAll("dl")].map((row) =>
    [...row.children].map((each) => [...each.children].map((part) => part.textContent)),
  );
  expect(told).toEqual([
    [
      ["Table", "people.csv"],
      ["Rows", "0: 12"],
    ],
    [
      ["Table", "orders.csv"],
      ["Rows", "1: 34"],
    ],
  ]);
});
