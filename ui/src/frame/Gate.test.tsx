import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { api } from "@/api/client";
import { queries } from "@/api/queries";
import { useSession } from "@/api/session";
import { choose } from "@/frame/choices";
import { Gate } from "@/frame/Gate";
import { Look } from "@/frame/Look";

const me = {
  name: "ann",
  role: "admin",
  csrf_token: "c5rf",
  password_is_asked: true,
  expires_at: null,
};
const problem = (status: number, code: string, detail: string) => ({
  status,
  body: { type: "t", title: "t", status, code, detail, hint: "", faults: [] },
});

type Answer = { status: number; body?: unknown };
let answers: Record<string, Answer>;
let asked: Request[];

/** The server at the edge: what it answers to each call, and what it was asked. */
beforeEach(() => {
  asked = [];
  answers = { "GET session": problem(401, "UNAUTHENTICATED", "sign in, or send an API token") };
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(request);
    const key = `${request.method} ${new URL(request.url).pathname.split("/").at(-1)}`;
    const { status, body } = answers[key] ?? problem(404, "NOT_FOUND", key);
    const headers = {
      "Content-Type": status < 400 ? "application/json" : "application/problem+json",
    };
    return new Response(body === undefined ? null : JSON.stringify(body), { status, headers });
  });
  choose({ language: "en" });
  useSession.setState({ me: undefined, hasEnded: false, needsPassword: false, fault: undefined });
  queries.clear();
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  window.history.replaceState(null, "", "/");
});

const open = () =>
  render(
    <Look>
      <QueryClientProvider client={queries}>
        <Gate>
          <p>the page</p>
        </Gate>
      </QueryClientProvider>
    </Look>,
  );

const pathsAsked = () => asked.map(({ method, url }) => `${method} ${new URL(url).pathname}`);

async function fill(name: string | undefined, password: string) {
  const user = userEvent.setup();
  if (name !== undefined) await user.type(await screen.findByLabelText("Name"), name);
  await user.type(await screen.findByLabelText("Password"), password);
  await user.click(screen.getByRole("button", { name: "Sign in" }));
}

it("lets in whose session goes on", async () => {
  answers["GET session"] = { status: 200, body: me };
  open();
  expect(await screen.findByText("the page")).toBeTruthy();
});

it("lets in by name and password, and says when they are wrong", async () => {
  answers["POST login"] = problem(401, "UNAUTHENTICATED", "the name or the password is wrong");
  open();
  await fill("ann", "wrong");
  expect(await screen.findByText("the name or the password is wrong")).toBeTruthy();
  answers["POST login"] = { status: 200, body: me };
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
  expect(await screen.findByText("the page")).toBeTruthy();
});

it("uses a link up once, takes it out of the address, and asks for a password", async () => {
  window.history.replaceState(null, "", "/chains?page=2#sfwl_s3cret-w");
  answers["POST link"] = { status: 200, body: me };
  answers["POST password"] = { status: 204 };
  open();
  await screen.findByText("Choose a password");
  expect(window.location.href).toMatch(/\/chains\?page=2$/);
  expect(pathsAsked()).toEqual(["POST /api/v1/auth/link"]);
  const user = userEvent.setup();
  await user.type(screen.getByLabelText("New password"), "short");
  await user.type(screen.getByLabelText("The same again"), "other");
  await user.click(screen.getByRole("button", { name: "Set password" }));
  expect(await screen.findByText("At least 12 characters.")).toBeTruthy();
  expect(screen.getByText("The two are not the same.")).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Not now" }));
  expect(await screen.findByText("the page")).toBeTruthy();
});

it("says when a link does not work, and offers the password", async () => {
  window.history.replaceState(null, "", "/#sfwl_used");
  answers["POST link"] = problem(401, "UNAUTHENTICATED", "the link was used, or is too old");
  answers["POST login"] = { status: 200, body: me };
  open();
  expect(await screen.findByText("the link was used, or is too old")).toBeTruthy();
  await fill("ann", "correct horse battery");
  expect(await screen.findByText("the page")).toBeTruthy();
});

it("keeps the page below when the session ends, and sends the new token afterwards", async () => {
  answers["GET session"] = { status: 200, body: me };
  open();
  await screen.findByText("the page");
  answers["GET tokens"] = problem(401, "UNAUTHENTICATED", "the session has ended");
  await expect(api.GET("/api/v1/tokens")).rejects.toThrow("the session has ended");
  expect(await screen.findByText("Your session has ended")).toBeTruthy();
  expect(screen.getByText("the page")).toBeTruthy();
  answers["POST login"] = { status: 200, body: { ...me, csrf_token: "n3w" } };
  await fill(undefined, "correct horse battery");
  await vi.waitFor(() => expect(useSession.getState().hasEnded).toBe(false));
  answers["POST logout"] = { status: 204 };
  await api.POST("/api/v1/auth/logout");
  expect(asked.at(-1)?.headers.get("X-CSRF-Token")).toBe("n3w");
});
