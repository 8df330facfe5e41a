import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createMemoryRouter } from "react-router";
import { RouterProvider } from "react-router/dom";

import { queries } from "@/api/queries";
import { useSession } from "@/api/session";
import { choose } from "@/frame/choices";
import CommandPalette from "@/frame/CommandPalette";
import { Look } from "@/frame/Look";

const chains = [
  { chain_id: "c-1", chain_name: "Audited scoring", status: "RUNNING" },
  { chain_id: "c-2", chain_name: "Audit trial", status: "FAILURE" },
];

const onClose = vi.fn();

beforeEach(() => {
  vi.stubGlobal("fetch", async (request: Request) => {
    const name = new URL(request.url).searchParams.get("name")?.toLowerCase() ?? "";
    const items = chains.filter((chain) => chain.chain_name.toLowerCase().includes(name));
    return Response.json({ items, total: items.length, page: 1, page_size: 8 });
  });
  choose({ language: "en" });
  queries.clear();
  onClose.mockReset();
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function open(role: "viewer" | "admin") {
  useSession.setState({
    me: { name: "ann", role, csrf_token: null, password_is_asked: true, expires_at: null },
  });
  const router = createMemoryRouter([
    { path: "/", element: <CommandPalette onClose={onClose} /> },
    { path: "*", element: null },
  ]);
  render(
    <Look>
      <QueryClientProvider client={queries}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </Look>,
  );
  return router;
}

const options = () => screen.getAllByRole("option").map((option) => option.textContent);

it("finds pages, chains and actions, and opens one by the keyboard", async () => {
  const router = open("admin");
  const input = screen.getByRole("combobox");
  fireEvent.change(input, { target: { value: "audit" } });
  await screen.findByText("Audit trial");
  await vi.waitFor(() =>
    expect(options()).toEqual(["Audit", "Audited scoringRunning", "Audit trialFailure"]),
  );
  fireEvent.keyDown(input, { key: "ArrowUp" }); // over the start to the end
  expect(screen.getByRole("option", { selected: true }).textContent).toMatch("Audit trial");
  fireEvent.keyDown(input, { key: "Enter" });
  expect(onClose).toHaveBeenCalledOnce();
  expect(router.state.location.pathname).toBe("/chains/c-2");
});

it("offers nobody what they may not do, and says when nothing fits", async () => {
  open("viewer");
  await screen.findByText("Audit trial");
  expect(options()).not.toContain("New chain");
  expect(options()).not.toContain("Audit");
  fireEvent.change(screen.getByRole("combobox"), { target: { value: "zzz" } });
  expect(await screen.findByText("Nothing fits “zzz”")).toBeTruthy();
});
