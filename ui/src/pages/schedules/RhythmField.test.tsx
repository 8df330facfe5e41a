import { fireEvent, render, screen } from "@testing-library/react";
import { useState } from "react";
import { beforeEach, expect, it } from "vitest";

import { choose } from "@/frame/choices";
import { Look } from "@/frame/Look";

import { RhythmField } from "./RhythmField";

beforeEach(() => choose({ language: "en" }));

function Field({ first }: { first: string }) {
  const [cron, setCron] = useState(first);
  return (
    <Look>
      <RhythmField value={cron} onChange={setCron} />
      <output>{cron}</output>
    </Look>
  );
}

const shown = () => screen.getByRole("status").textContent;

it("writes the expression of what is chosen", () => {
  render(<Field first="0 2 * * *" />);
  fireEvent.click(screen.getByText("Week"));
  expect(shown()).toBe("0 2 * * MON,TUE,WED,THU,FRI");
  fireEvent.click(screen.getByLabelText("Mon"));
  fireEvent.change(screen.getByLabelText("Time"), { target: { value: "07:45" } });
  expect(shown()).toBe("45 7 * * TUE,WED,THU,FRI");
  fireEvent.click(screen.getByText("Minutes"));
  expect(shown()).toBe("*/15 * * * *");
});

it("leaves an expression that is no usual rhythm to be written", () => {
  render(<Field first="13 1 */3 * *" />);
  fireEvent.change(screen.getByLabelText("Cron expression"), { target: { value: "0 9 * * *" } });
  expect(shown()).toBe("0 9 * * *");
  expect(screen.getByLabelText("Cron expression")).toBeTruthy();
});
