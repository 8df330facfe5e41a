import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";

import { choose } from "@/frame/choices";
import { Look } from "@/frame/Look";
import { PasswordForm } from "@/frame/PasswordForm";

beforeEach(() => choose({ language: "en" }));

const LONG = "a long enough password";

async function fill(labels: Record<string, string>) {
  const user = userEvent.setup();
  for (const [label, text] of Object.entries(labels)) {
    await user.type(screen.getByLabelText(label), text);
  }
  await user.click(screen.getByRole("button", { name: "Set password" }));
}

it("gives the new password alone where no other is asked for", async () => {
  const onSet = vi.fn();
  render(
    <Look>
      <PasswordForm name="ann" error={null} isBusy={false} onSet={onSet} />
    </Look>,
  );
  expect(screen.queryByLabelText("Present password")).toBeNull();
  await fill({ "New password": LONG, "The same again": LONG });
  await vi.waitFor(() => expect(onSet).toHaveBeenCalledWith({ password: LONG }));
});

it("asks for the present password where a session alone does not do", async () => {
  const onSet = vi.fn();
  render(
    <Look>
      <PasswordForm name="ann" error={null} isBusy={false} onSet={onSet} asksCurrent />
    </Look>,
  );
  await fill({ "New password": LONG, "The same again": LONG });
  expect(await screen.findByText("Your password.")).toBeTruthy();
  expect(onSet).not.toHaveBeenCalled();
  await fill({ "Present password": "the old one" });
  await vi.waitFor(() =>
    expect(onSet).toHaveBeenCalledWith({ password: LONG, current: "the old one" }),
  );
});
