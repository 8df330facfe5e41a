import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { queries } from "@/api/queries";
import { choose } from "@/frame/choices";
import { Look } from "@/frame/Look";

import { TemplateForm } from "./TemplateForm";

const template = {
  name: "overlap",
  title: "Overlap",
  description: "What two have in common.",
  parameters: [
    { name: "table", type: "path", default: null, example: "/data/a.csv", description: "A table." },
    { name: "keys", type: "columns", default: null, example: ["uid"], description: "Its keys." },
    { name: "share", type: "number", default: 0.25, example: null, description: "A share." },
  ],
  document: {},
};

let sent: unknown[];
let answer: { status: number; body: unknown };

beforeEach(() => {
  sent = [];
  answer = { status: 200, body: { chain_id: "c-1" } };
  vi.stubGlobal("fetch", async (request: Request) => {
    if (request.method === "GET") return Response.json(template);
    sent.push(await request.json());
    return Response.json(answer.body, { status: answer.status });
  });
  choose({ language: "en" });
  queries.clear();
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

async function fillAndCreate(onCreated: (chainId: string) => void) {
  render(
    <Look>
      <QueryClientProvider client={queries}>
        <TemplateForm name="overlap" onCreated={onCreated} />
      </QueryClientProvider>
    </Look>,
  );
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText("A table."), "/data/mine.csv");
  await user.type(screen.getByLabelText("Its keys."), "uid,day ");
  await user.click(screen.getByRole("button", { name: "Create chain" }));
}

it("sends what was filled in, and the defaults that were shown", async () => {
  const onCreated = vi.fn();
  await fillAndCreate(onCreated);
  await vi.waitFor(() => expect(onCreated.mock.calls[0]?.[0]).toBe("c-1"));
  expect(sent).toEqual([{ table: "/data/mine.csv", keys: ["uid", "day"], share: 0.25 }]);
});

it("puts each fault at its field, and the others in one place", async () => {
  answer = {
    status: 422,
    body: {
      type: "t",
      title: "Invalid",
      status: 422,
      code: "CONFIG_INVALID",
      detail: "the template cannot be used with these values",
      hint: "",
      faults: [
        { path: "values.table", message: "is no path", code: "CONFIG_INVALID" },
        { path: "tasks.0.parties", message: "no parties", code: "CONFIG_INVALID" },
      ],
    },
  };
  const onCreated = vi.fn();
  await fillAndCreate(onCreated);
  expect(await screen.findByText("is no path", { selector: ".ant-form-item-explain-error" }));
  expect(screen.getByText("tasks.0.parties")).toBeTruthy();
  expect(onCreated).not.toHaveBeenCalled();
});
